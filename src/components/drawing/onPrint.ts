/**
 * Calls back when printing begins, before the browser captures the page, and when printing ends; possibly more than once.
 * Returns a function that unsubscribes.
 */
export function onPrint(callback: (isPrinting: boolean) => void): () => void {
  const begin = () => callback(true);
  const end = () => callback(false);
  // Some browsers fire only the two events of the window, others only the change of the media.
  const media = window.matchMedia('print');
  const change = ({ matches }: MediaQueryListEvent) => callback(matches);
  window.addEventListener('beforeprint', begin);
  window.addEventListener('afterprint', end);
  media.addEventListener('change', change);
  return () => {
    window.removeEventListener('beforeprint', begin);
    window.removeEventListener('afterprint', end);
    media.removeEventListener('change', change);
  };
}
