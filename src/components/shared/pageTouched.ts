const signs = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'scroll', 'focusin'];

/** Resolves once somebody has done anything to the page: until then nobody needs what a chart does when it is pointed at. */
export const pageTouched = new Promise<void>((resolve) => {
  const note = () => {
    for (const sign of signs) window.removeEventListener(sign, note, true);
    resolve();
  };
  for (const sign of signs) window.addEventListener(sign, note, { capture: true, passive: true });
});
