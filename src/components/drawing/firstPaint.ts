/** Longest wait, in milliseconds, where the browser does not tell. */
const LONGEST_WAIT = 1500;

/** Resolves when the page has painted its first content; at once in a tab that paints nothing because it is hidden. */
export function firstPaint(): Promise<void> {
  return new Promise((resolve) => {
    if (document.hidden || !PerformanceObserver.supportedEntryTypes.includes('paint')) return resolve();
    setTimeout(resolve, LONGEST_WAIT);
    const observer = new PerformanceObserver((list) => {
      if (list.getEntriesByName('first-contentful-paint').length === 0) return;
      observer.disconnect();
      resolve();
    });
    observer.observe({ type: 'paint', buffered: true });
  });
}
