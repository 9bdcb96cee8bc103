/** Calls back when the page is about to be printed, at once and before the browser takes its picture. Returns what ends that. */
export function onPrint(callback: () => void): () => void {
  // Some browsers tell only one of the two.
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
