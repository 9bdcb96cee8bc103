import type { StoreApi } from 'zustand/vanilla';
import type { SnapshotStore } from '../../ml/training/snapshots.ts';
import type { KeptContent } from '../../workers/runStorage.ts';
import type { Keeper } from '../keep/keeper.ts';
import { emptyHistory } from '../state/history.ts';
import type { LabState } from '../state/state.ts';

/** The change of the lab's state from one run to the next. */
export interface Turnover {
  /**
   * Ends the page's run and sets the state to that of a new run at its first step, with `changes` applied. Training must
   * have stopped, so that no frame arrives after the history is gone.
   */
  leaveRun(changes: Partial<LabState>, next?: KeptContent): void;
  /**
   * Invalidates all answers so far. Called twice per start, before and after the trainer's reset, because the old network
   * still answers questions in between.
   */
  startRun(): void;
}

interface Parts {
  labStore: StoreApi<LabState>;
  snapshots: SnapshotStore;
  keep: Keeper;
  /** Questions whose answers are about the old run. */
  questions: { forget(): void };
}

export function createTurnover({ labStore: { setState }, snapshots, keep, questions }: Parts): Turnover {
  function startRun(): void {
    questions.forget();
    setState(({ run, problems }) => ({ run: run + 1, problems: problems.filter(({ offer }) => !offer) }));
  }

  return {
    leaveRun(changes, next) {
      keep.begin(next);
      snapshots.clear();
      startRun();
      setState({
        recorded: false,
        step: 0,
        epoch: 0,
        history: emptyHistory(),
        snapshots: [],
        snapshotNotice: undefined,
        moment: 'live',
        ...changes,
      });
    },
    startRun,
  };
}
