/** Input after which the page's place is the reader's. */
const READER_INPUT = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

/**
 * Brings the element into view, and again when panels above it grow, until the reader moves on the page; with `untilScrolled`, also
 * until anything else scrolls the page. WebKit, unlike Chromium and Firefox, does not keep the page's place itself.
 */
export function keepInView(element: HTMLElement, { untilScrolled = false } = {}): () => void {
  const controller = new AbortController();
  let place = 0;
  const show = () => {
    element.scrollIntoView({ block: 'start', behavior: 'instant' });
    place = window.scrollY;
  };
  const observer = new ResizeObserver(show);
  const stop = () => {
    observer.disconnect();
    controller.abort();
  };
  show();
  observer.observe(document.body);
  const options = { signal: controller.signal, passive: true };
  for (const kind of READER_INPUT) window.addEventListener(kind, stop, options);
  if (untilScrolled) window.addEventListener('scroll', () => window.scrollY !== place && stop(), options);
  return stop;
}
