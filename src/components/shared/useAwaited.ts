import { useLab } from '../context/LabContext.tsx';

interface Following {
  /** Whether the answer is about another moment than the page's. */
  stale: boolean;
  problem?: string;
}

/**
 * Whether an answer of the moment shown will come, for `data-waiting`, which the page's print button waits for; undefined
 * otherwise. In training the moment moves on all the time, so that an answer is never of the moment for long.
 */
export function useAwaited({ stale, problem }: Following): true | undefined {
  const isTraining = useLab(({ status }) => status === 'training');
  return (stale && !isTraining && problem === undefined) || undefined;
}

/** `useAwaited` for an answer about a step, which follows the page's moment. */
export function useAwaitedStep(step: number | undefined, problem: string | undefined): true | undefined {
  const stale = useLab(
    ({ moment, step: newest }) => step !== undefined && step !== (moment === 'live' ? newest : moment),
  );
  return useAwaited({ stale, problem });
}
