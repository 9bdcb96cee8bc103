/** A frame that costs less of the main thread is quick enough to be drawn as often as the screen shows one. */
const QUICK_MILLISECONDS = 8;
/** After a slow frame the page rests so many times as long as the frame took: training needs the cores too. */
const REST = 3;
const LONGEST_REST = 250;

/**
 * Calls back when the page has drawn its next frame. Where drawing is slow (WebKit without a GPU spends 15 ms and more on a
 * frame), the page rests before it asks for another, so that drawing takes at most a quarter of the time.
 */
export function whenDrawn(callback: () => void): void {
  requestAnimationFrame(() => {
    const began = performance.now();
    // The browser styles, lays out and paints between this callback and the next task.
    setTimeout(() => {
      const cost = performance.now() - began;
      if (cost < QUICK_MILLISECONDS) callback();
      else setTimeout(callback, Math.min(LONGEST_REST, REST * cost));
    });
  });
}
