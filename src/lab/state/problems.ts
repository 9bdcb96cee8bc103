import type { StoreApi } from 'zustand/vanilla';
import { sentenceOf } from './errorText.ts';
import type { LabProblem, LabState } from './state.ts';

/** Problems and notices, shown in the part of the page concerned. */
export interface Problems {
  /** Replaces an earlier problem with the same text. */
  report(problem: LabProblem): void;
  /** Runs an action and shows its error in the given part of the page. */
  shown(place: LabProblem['place'], work: () => Promise<unknown>): Promise<void>;
  dismiss(problem: LabProblem): void;
  clear(place: LabProblem['place']): void;
}

export function createProblems({ setState }: Pick<StoreApi<LabState>, 'setState'>): Problems {
  function report(problem: LabProblem): void {
    setState(({ problems }) => ({
      problems: [...problems.filter(({ message }) => message !== problem.message), problem],
    }));
  }

  return {
    report,
    async shown(place, work) {
      try {
        await work();
      } catch (error) {
        report({ place, kind: 'error', message: sentenceOf(error) });
      }
    },
    dismiss(problem) {
      setState(({ problems }) => ({ problems: problems.filter((other) => other !== problem) }));
    },
    clear(place) {
      setState(({ problems }) => ({ problems: problems.filter((problem) => problem.place !== place) }));
    },
  };
}
