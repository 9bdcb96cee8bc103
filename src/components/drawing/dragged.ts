/** Milliseconds between two calls. */
const PACE = 100;

/** Calls back a few times a second while a person drags or scrolls, with the first sign of it at once. */
export function whileDragged(callback: () => void): void {
  let next = Number.NEGATIVE_INFINITY;
  const notice = () => {
    const now = performance.now();
    if (now < next) return;
    next = now + PACE;
    callback();
  };
  const options = { capture: true, passive: true };
  for (const kind of ['wheel', 'scroll'] as const) window.addEventListener(kind, notice, options);
  for (const kind of ['pointerdown', 'pointermove'] as const) {
    window.addEventListener(kind, ({ buttons }) => buttons !== 0 && notice(), options);
  }
}
