import type { StoreApi } from 'zustand/vanilla';
import type { SnapshotStore } from '../../ml/training/snapshots.ts';
import type { Workers } from '../../workers/client.ts';
import type { NetworkTimings } from '../../workers/protocol.ts';
import type { DataSets } from '../data/dataSets.ts';
import type { Finding } from '../keep/findings.ts';
import type { Keeper } from '../keep/keeper.ts';
import { createRelease } from '../keep/release.ts';
import type { Problems } from '../state/problems.ts';
import type { LabActions, LabState } from '../state/state.ts';
import { createActions } from './actions.ts';
import { type Changes, createChanges } from './changes.ts';
import { createCourtesy } from './courtesy.ts';
import { createKeptRuns } from './keptRuns.ts';
import { createLoading } from './loading.ts';
import { createReplacing, type Replacing } from './replacing.ts';
import { createReceiver } from './trainerEvents.ts';
import { createTraining, type RunTraining } from './training.ts';

/** The page's run: loading, training, changing and replacing it. */
export interface Run {
  actions: LabActions;
  changes: Changes;
  replacing: Replacing;
  runTraining: RunTraining['run'];
  /** Continues a saved run. */
  openKept(id: string): Promise<void>;
  /** Prepares the trainer, and loads the data once they may be loaded. */
  begin(mayLoad: Promise<void>): void;
}

/** Milliseconds for which training gives way after the newest sign of a drag. */
const GIVEN_WAY = 300;

interface Parts {
  labStore: StoreApi<LabState>;
  workers: Workers;
  /** URL of the data set's folder, ending in a slash. */
  dataUrl: string;
  snapshots: SnapshotStore;
  dataSets: DataSets;
  keep: Keeper;
  /** Questions whose answers are about the old run. */
  questions: { forget(): void };
  problems: Problems;
  ready: Promise<void>;
  announceReady(): void;
  rememberTimings(timings: NetworkTimings): void;
  /** Calls back at the page's next frame. */
  whenDrawn(callback: () => void): void;
  /** Calls back again and again while a person drags or scrolls. */
  whileDragged?(callback: () => void): void;
  /** Gives the panels their findings about the present run. */
  restorePanels(findings: readonly Finding[]): void;
  /** Whether to reopen the last visit's run, or the id of the run to reopen. */
  comesBack: boolean | string;
}

export function createRun(parts: Parts): Run {
  const { labStore, workers, keep, problems, whenDrawn, whileDragged, restorePanels, comesBack } = parts;
  const { trainer, background } = workers;
  const replacing = createReplacing({
    ...parts,
    trainer,
    restoreFindings(findings, { written }) {
      keep.findings.begin(findings, { written });
      restorePanels(findings.map(({ finding }) => finding));
    },
  });
  const { restart, openRun, beforeTraining } = replacing;
  const keptRuns = createKeptRuns({ labStore, keep, report: problems.report, openRun });
  // Read the run while the data load.
  const unfinished = comesBack
    ? keep.unfinished(comesBack === true ? undefined : comesBack)
    : Promise.resolve(undefined);
  const loading = createLoading({
    ...parts,
    async putFirstRun() {
      if (!(await keptRuns.comeBack(await unfinished))) await restart();
    },
  });
  const training = createTraining({ ...parts, trainer, beforeTraining });
  const askForFrame = () => whenDrawn(() => void trainer.call('drawn', undefined).catch(() => undefined));
  trainer.onEvent(createReceiver({ ...parts, report: problems.report, askForFrame }));
  trainer.onRevive(training.recover);
  keep.onRelease(createRelease(trainer));
  createCourtesy({ labStore, background });
  whileDragged?.(() => {
    if (labStore.getState().status !== 'training') return;
    void trainer.call('giveWay', { milliseconds: GIVEN_WAY }).catch(() => undefined);
  });
  const changes = createChanges({ labStore, trainer, replacing });
  const runTraining = training.run;
  return {
    actions: createActions({ ...parts, trainer, restart, runTraining, changes, loadData: loading.load }),
    changes,
    replacing,
    runTraining,
    openKept: keptRuns.open,
    begin: loading.begin,
  };
}
