import { nextTask } from './nextTask.ts';

/** Longest rest between two slices, in milliseconds. */
const LONGEST_REST = 250;

/**
 * Gives a function to call between slices of work: handles messages, then rests so long that the work takes its `share` of
 * the time. A cancel ends the rest.
 */
export function createTurns(share: () => number, signal: AbortSignal): () => Promise<void> {
  let began = performance.now();
  return async () => {
    const worked = performance.now() - began;
    await nextTask();
    const milliseconds = Math.min(LONGEST_REST, worked * (1 / share() - 1));
    if (milliseconds >= 1 && !signal.aborted) await rest(milliseconds, signal);
    began = performance.now();
  };
}

function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const goOn = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', goOn);
      resolve();
    };
    const timer = setTimeout(goOn, milliseconds);
    signal.addEventListener('abort', goOn);
  });
}
