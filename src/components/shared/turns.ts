let last = Promise.resolve();

/** Resolves when the page is at rest and all who asked before have had their turn. */
export function turnAtRest(): Promise<void> {
  last = last.then(atRest);
  return last;
}

/** Resolves when the browser has nothing to do, after a second at the latest. */
export function atRest(): Promise<void> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => resolve(), { timeout: 1000 });
    else setTimeout(resolve, 200);
  });
}
