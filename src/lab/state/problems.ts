import type { StoreApi } from 'zustand/vanilla';
import { sentenceOf } from './errorText.ts';
import type { LabProblem, LabState } from './state.ts';

/** What went wrong, or what a person should know, where they are looking. */
export interface Problems {
  /** One of the same words takes the place of the one before. */
  report(problem: LabProblem): void;
  /** Runs an action of the page: what it throws is shown where the person is looking. */
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
