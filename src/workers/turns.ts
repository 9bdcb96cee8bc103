import { nextTask } from './nextTask.ts';

/** Longest rest between two slices, in milliseconds: one slice may be a step that cannot be divided. */
const LONGEST_REST = 2000;
/** The share is read so often in a rest, because training may end meanwhile. */
const LOOK = 100;

/**
 * Gives a function to call between slices of work: handles messages, then rests so long that the work takes its `share` of
 * the time. A cancel ends the rest.
 */
export function createTurns(share: () => number, signal: AbortSignal): () => Promise<void> {
  let began = performance.now();
  return async () => {
    const ended = performance.now();
    const worked = ended - began;
    await nextTask();
    for (;;) {
      const rest = Math.min(LONGEST_REST, worked * (1 / share() - 1));
      const left = ended + rest - performance.now();
      if (left < 1 || signal.aborted) break;
      await pause(Math.min(LOOK, left), signal);
    }
    began = performance.now();
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
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
