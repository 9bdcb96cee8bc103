import { createSerial } from '../../workers/serial.ts';

/** Maximum wait of each caller on a busy page, in milliseconds. */
const LONGEST_TURN = 300;

const turns = createSerial();

/** Resolves when the page is idle and all earlier callers have had their turn. */
export function turnAtRest(): Promise<void> {
  return turns.run(() => atRest(LONGEST_TURN));
}

/** Resolves when the browser is idle, after `timeout` milliseconds at the latest. */
export function atRest(timeout: number): Promise<void> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => resolve(), { timeout });
    else setTimeout(resolve, Math.min(timeout, 200));
  });
}
