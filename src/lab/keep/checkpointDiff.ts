import { bytesOf, stateBytes } from '../../ml/model/parameters.ts';
import type { Snapshot } from '../../ml/training/snapshots.ts';
import type { Checkpoint } from '../../workers/protocol.ts';
import { BLOCK, type RunChange } from '../../workers/runStorage.ts';
import type { KeptRun } from '../../workers/storedRecords.ts';
import { bestEpoch } from '../state/history.ts';
import { dataOfRun, settingsOfRun } from '../state/runSettings.ts';
import type { LabState } from '../state/state.ts';

/** The saved part of a run. */
export interface Saved {
  steps: number;
  snapshots: ReadonlySet<number>;
}

/** The change that a checkpoint makes to its saved run, and the saved state after the change. */
export function checkpointDiff(
  checkpoint: Checkpoint,
  { id, created, saved }: { id: string; created: string; saved: Saved },
  { lab, snapshots }: { lab: LabState; snapshots: readonly Snapshot[] },
): { change: RunChange; after: Saved } {
  const { position, state, log } = checkpoint;
  const { step } = position;
  const { data, history, settings, network, engine } = lab;
  const epochs = history.epochs.filter((epoch) => epoch.step <= step);
  const firstBlock = Math.floor(Math.min(saved.steps, step) / BLOCK);
  const blocks: RunChange['blocks'] = [];
  for (let start = firstBlock * BLOCK; start < step; start += BLOCK) {
    const end = Math.min(start + BLOCK, step);
    blocks.push({
      losses: history.losses.slice(start, end),
      accuracies: history.accuracies.slice(start, end),
    });
  }
  const wanted = snapshots.filter((snapshot) => snapshot.step <= step);
  const steps = new Set(wanted.map((snapshot) => snapshot.step));
  const parts = {
    firstBlock,
    blocks,
    snapshots: wanted.filter((snapshot) => !saved.snapshots.has(snapshot.step)),
    dropped: [...saved.snapshots].filter((snapshot) => !steps.has(snapshot)),
  };
  const snapshotBytes = wanted.reduce((sum, { parameters }) => sum + bytesOf(parameters), 0);
  const run: KeptRun = {
    id,
    name: `Seed ${position.seed}`,
    created,
    changed: Date.now(),
    pinned: false,
    left: false,
    deleted: false,
    ...dataOfRun(data),
    network,
    settings: settingsOfRun({ settings, network, data }, position.seed),
    log,
    epochs,
    bestStep: bestEpoch({ ...history, epochs })?.step,
    engine: engine && { id: engine.id, description: engine.description, arithmetic: engine.arithmetic },
    step,
    bytes: snapshotBytes + stateBytes(state) + 8 * step,
  };
  return {
    change: { run, checkpoint: { position, state }, ...parts },
    after: { steps: step, snapshots: steps },
  };
}
