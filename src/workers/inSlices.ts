import { nextTask } from './nextTask.ts';

interface SliceOptions<Progress> {
  signal: AbortSignal;
  /** Called with the latest progress after every slice. */
  onSlice?(progress: Progress): void;
  /** Milliseconds of work between two checks for messages. */
  slice?: number;
}

/** Runs a generator to its end in slices. Messages are handled between slices, so a cancel takes effect at once. */
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
