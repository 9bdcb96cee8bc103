import type { DataDescription, DataSet } from '../ml/data/dataset.ts';
import type { RunContent } from '../ml/formats/runContent.ts';
import type { ContentOf, stepsFile } from '../ml/formats/runParts.ts';
import { convolutionOf, type NetworkDescription } from '../ml/model/network.ts';
import type { Parameters } from '../ml/model/parameters.ts';
import type { Snapshot } from '../ml/training/snapshots.ts';
import type { KeptResult, KeptRun } from './storedRecords.ts';

/** The properties of a saved run that a person sets. */
export type RunMarks = Pick<KeptRun, 'name' | 'pinned' | 'left' | 'deleted'>;

export type KeptCheckpoint = NonNullable<RunContent['checkpoint']>;
export type KeptCurves = ContentOf<typeof stepsFile>;

export interface ResultsChange {
  results: KeptResult[];
  /** Keys of results that were removed. */
  forgotten: string[];
}

export interface KeptContent extends KeptCurves {
  run: KeptRun;
  checkpoint: KeptCheckpoint;
  snapshots: Snapshot[];
  /** In no particular order. */
  results: KeptResult[];
}

/** A moment whose parameters are saved, with the first convolution's to show at once. */
export interface KeptMoment {
  step: number;
  filters?: { weight: Float32Array; bias: Float32Array };
}

/** A saved run to compare with another; its parameters stay in storage. */
export interface RunOverview extends KeptCurves {
  run: KeptRun;
  /** The snapshots and the checkpoint, in order of step. */
  moments: KeptMoment[];
  results: KeptResult[];
}

/** Steps per block of losses; only the last blocks of a run are rewritten. */
export const BLOCK = 4096;

/** All changes of one checkpoint, written in one transaction. */
export interface RunChange {
  /** Its marks apply only to a new run; use `mark` to change those of an existing run. */
  run: KeptRun;
  checkpoint: KeptCheckpoint;
  /** Blocks of losses and accuracies, starting at block number `firstBlock`. */
  firstBlock: number;
  blocks: KeptCurves[];
  /** Snapshots since the last change. */
  snapshots: Snapshot[];
  /** Steps of snapshots that were removed. */
  dropped: number[];
}

/** The storage of runs. Calls reject if the browser refuses. */
export interface RunStorage {
  list(): Promise<KeptRun[]>;
  read(id: string): Promise<KeptContent | undefined>;
  overview(id: string): Promise<RunOverview | undefined>;
  /** The parameters of a snapshot or of the checkpoint. */
  parametersAt(id: string, step: number): Promise<Parameters | undefined>;
  save(change: RunChange): Promise<void>;
  saveResults(id: string, change: ResultsChange): Promise<void>;
  /** Does nothing if the run does not exist. */
  mark(id: string, marks: Partial<RunMarks>): Promise<void>;
  /** Removes a run, and its own images unless another run uses them. */
  remove(id: string): Promise<void>;
  /** Keeps a person's own images. */
  saveData(data: DataSet): Promise<void>;
  readData(id: string): Promise<DataSet | undefined>;
  listData(): Promise<DataDescription[]>;
}

/** The id of the run's own images if no other run uses them; deleting the run deletes these images, too. */
export function dataOnlyOf(run: KeptRun | undefined, all: readonly KeptRun[]): string | undefined {
  const id = run?.data?.id;
  return id !== undefined && !all.some((other) => other.id !== run?.id && other.data?.id === id)
    ? id
    : undefined;
}

/** The run to write; an existing run keeps its marks. */
export function withMarksOf(run: KeptRun, known: KeptRun | undefined): KeptRun {
  if (!known) return run;
  const { name, pinned, left, deleted } = known;
  return { ...run, name, pinned, left, deleted };
}

export function momentOf(
  { step, parameters }: { step: number; parameters: Parameters },
  network: NetworkDescription,
): KeptMoment {
  const name = convolutionOf(network)?.name;
  if (name === undefined) return { step };
  return { step, filters: { weight: parameters[`${name}.weight`], bias: parameters[`${name}.bias`] } };
}

/** The moments of a run's snapshots, and of its checkpoint unless a snapshot has the same step. */
export function withCheckpoint(
  moments: readonly KeptMoment[],
  { position: { step }, state: { parameters } }: KeptCheckpoint,
  network: NetworkDescription,
): KeptMoment[] {
  const earlier = moments.filter((moment) => moment.step < step);
  return [...earlier, momentOf({ step, parameters }, network)];
}

/** The blocks as one curve of `steps` values. */
export function joinBlocks(blocks: readonly KeptCurves[], steps: number): KeptCurves {
  const losses = new Float32Array(steps);
  const accuracies = new Float32Array(steps);
  blocks.forEach((block, i) => {
    const room = Math.max(0, steps - i * BLOCK);
    losses.set(block.losses.subarray(0, room), i * BLOCK);
    accuracies.set(block.accuracies.subarray(0, room), i * BLOCK);
  });
  return { losses, accuracies };
}
