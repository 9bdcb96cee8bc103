/** Long work as a generator: it yields its progress now and then, so that a caller can report it and cancel in between. */
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

/** The same steps with other progress, for instance a part's fraction as the whole's. */
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
