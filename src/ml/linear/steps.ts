/** A long computation as a generator of progress, so that a caller can report progress and cancel. */
export type Steps<Progress, Result> = Generator<Progress, Result, void>;

/** Runs all steps and returns the result. */
export function drain<Progress, Result>(
  steps: Steps<Progress, Result>,
  onProgress?: (progress: Progress) => void,
): Result {
  let step = steps.next();
  while (!step.done) {
    onProgress?.(step.value);
    step = steps.next();
  }
  return step.value;
}

/** Maps the progress of steps, for example from a part's fraction to the whole's. */
export function* mapProgress<Progress, Mapped, Result>(
  steps: Steps<Progress, Result>,
  change: (progress: Progress) => Mapped,
): Steps<Mapped, Result> {
  let step = steps.next();
  while (!step.done) {
    yield change(step.value);
    step = steps.next();
  }
  return step.value;
}
