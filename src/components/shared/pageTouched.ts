const signs = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'scroll', 'focusin'];

/** Resolves at the first interaction with the page; until then no chart needs to be interactive. */
export const pageTouched = new Promise<void>((resolve) => {
  const note = () => {
    for (const sign of signs) window.removeEventListener(sign, note, true);
    resolve();
  };
  for (const sign of signs) window.addEventListener(sign, note, { capture: true, passive: true });
});
