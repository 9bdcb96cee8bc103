/** Calls back synchronously before the browser captures the page for printing. Returns a function that unsubscribes. */
export function onPrint(callback: () => void): () => void {
  // Some browsers fire only one of the two events.
  const media = window.matchMedia('print');
  const changed = () => {
    if (media.matches) callback();
  };
  window.addEventListener('beforeprint', callback);
  media.addEventListener('change', changed);
  return () => {
    window.removeEventListener('beforeprint', callback);
    media.removeEventListener('change', changed);
  };
}
