/** Milliseconds that a busy page makes each wait. */
const LONGEST_TURN = 300;

let last = Promise.resolve();

/** Resolves when the page is at rest and all who asked before have had their turn. */
export function turnAtRest(): Promise<void> {
  last = last.then(() => atRest(LONGEST_TURN));
  return last;
}

/** Resolves when the browser has nothing to do, after `timeout` milliseconds at the latest. */
export function atRest(timeout: number): Promise<void> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => resolve(), { timeout });
    else setTimeout(resolve, Math.min(timeout, 200));
  });
}
