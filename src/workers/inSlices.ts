import { nextTask } from './nextTask.ts';

interface SliceOptions<Progress> {
  signal: AbortSignal;
  /** Told of the newest progress after every slice. */
  onSlice?(progress: Progress): void;
  /** Milliseconds of work between two looks at the messages. */
  slice?: number;
}

/** Runs a generator to its end in slices, between which messages have their turn: a cancel takes effect at once. */
export async function inSlices<Progress, Result>(
  steps: Generator<Progress, Result, void>,
  { signal, onSlice, slice = 25 }: SliceOptions<Progress>,
): Promise<Result> {
  signal.throwIfAborted();
  let until = performance.now() + slice;
  let step = steps.next();
  while (!step.done) {
    if (performance.now() >= until) {
      onSlice?.(step.value);
      await nextTask();
      signal.throwIfAborted();
      until = performance.now() + slice;
    }
    step = steps.next();
  }
  return step.value;
}
