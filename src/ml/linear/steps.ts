/** Long work as a generator that yields its progress, so that a caller can report progress and cancel. */
export type Steps<Progress, Result> = Generator<Progress, Result, void>;

/** Runs steps to their end. */
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

/** The same steps with mapped progress, for instance from the fraction of a part to the fraction of the whole. */
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
