import { useCallback, useState } from 'react';
import { sentenceOf } from '../../lab/state/errorText.ts';

/** Does some work and shows its error in the component. */
export type Attempt = (work: () => Promise<unknown>) => Promise<void>;

/** Runs work that can fail. `isBusy` is true while the work runs; `problem` is its error, as a sentence. */
export function useAttempt() {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const attempt: Attempt = useCallback(async (work) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
    } catch (error) {
      setProblem(sentenceOf(error));
    }
    setBusy(false);
  }, []);
  const dismiss = useCallback(() => setProblem(undefined), []);
  return { isBusy, problem, attempt, dismiss };
}
