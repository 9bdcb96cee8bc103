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

const scrubListeners = new Set<(isScrubbed: boolean) => void>();

/** Call at the start and at the end of a drag of the timeline, which `data-scrubbing` of the page's root shows to the styles. */
export function setScrubbed(isOn: boolean): void {
  if (isOn === isScrubbed()) return;
  document.documentElement.toggleAttribute('data-scrubbing', isOn);
  for (const listener of scrubListeners) listener(isOn);
}

/** Whether a person drags the timeline. */
export function isScrubbed(): boolean {
  return document.documentElement.hasAttribute('data-scrubbing');
}

/** Calls back at the start and at the end of a drag of the timeline. Returns a function that unsubscribes. */
export function onScrub(listener: (isScrubbed: boolean) => void): () => void {
  scrubListeners.add(listener);
  return () => scrubListeners.delete(listener);
}
