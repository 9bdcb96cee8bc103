import { nextTask } from './nextTask.ts';

interface SliceOptions<Progress> {
  signal: AbortSignal;
  /** Called with the latest progress after a slice, about ten times a second. */
  onSlice?(progress: Progress): void;
  /** Milliseconds of work between two checks for messages. */
  slice?: number;
  /** Lets others work between two slices. Default: only messages are handled. */
  turn?(): Promise<void>;
}

/** Milliseconds between two reports: the page draws no more. */
const REPORT = 90;

/** Runs a generator to its end in slices. Messages are handled between slices, so a cancel takes effect at once. */
export async function inSlices<Progress, Result>(
  steps: Generator<Progress, Result, void>,
  { signal, onSlice, slice = 25, turn = nextTask }: SliceOptions<Progress>,
): Promise<Result> {
  signal.throwIfAborted();
  let until = performance.now() + slice;
  let reported = Number.NEGATIVE_INFINITY;
  let step = steps.next();
  while (!step.done) {
    const now = performance.now();
    if (now >= until) {
      if (now - reported >= REPORT) {
        onSlice?.(step.value);
        reported = now;
      }
      await turn();
      signal.throwIfAborted();
      until = performance.now() + slice;
    }
    step = steps.next();
  }
  return step.value;
}
