import type { EngineId } from '../ml/engines/engine.ts';
import type { JsonValue } from '../ml/formats/json.ts';
import type { RunContent } from '../ml/formats/runContent.ts';
import { convolutionOf, type NetworkDescription } from '../ml/model/network.ts';
import type { Parameters } from '../ml/model/parameters.ts';
import type { Snapshot } from '../ml/training/snapshots.ts';

/** What a person decides about a kept run. */
export interface RunMarks {
  name: string;
  /** Never dropped for room. */
  pinned: boolean;
  /** The page went on to another run: not one to come back to by itself. */
  left: boolean;
  /** Deleted, as long as that can be undone. */
  deleted: boolean;
}

/** A kept run, but for its arrays. */
export interface KeptRun
  extends RunMarks,
    Pick<RunContent, 'dataSet' | 'network' | 'settings' | 'log' | 'epochs' | 'bestStep'> {
  id: string;
  /** ISO 8601. */
  created: string;
  /** Milliseconds since 1970. */
  changed: number;
  /** The engine, so that a reload can say whether its bits are the same; `arithmetic` is missing in runs of earlier versions. */
  engine?: { id: EngineId; description: string; arithmetic?: string };
  step: number;
  bytes: number;
}

export type KeptCheckpoint = NonNullable<RunContent['checkpoint']>;
export type KeptCurves = Pick<RunContent, 'losses' | 'accuracies'>;

/** One thing that a panel found about a run. */
export interface KeptResult {
  /** Within its run; what has a known key takes its place. */
  key: string;
  kind: string;
  /** The moment that it is about. */
  step: number;
  /** Milliseconds since 1970. */
  found: number;
  value: JsonValue;
}

export interface ResultsChange {
  results: KeptResult[];
  /** Keys of those that are no more. */
  forgotten: string[];
}

export interface KeptContent extends KeptCurves {
  run: KeptRun;
  checkpoint: KeptCheckpoint;
  snapshots: Snapshot[];
  /** In no particular order. */
  results: KeptResult[];
}

/** A moment whose parameters are kept: its first convolution's, to be shown at once. */
export interface KeptMoment {
  step: number;
  filters?: { weight: Float32Array; bias: Float32Array };
}

/** A kept run to look at beside another: its parameters stay where they are. */
export interface KeptLook extends KeptCurves {
  run: KeptRun;
  /** The snapshots and where the run stands, in the order of their steps. */
  moments: KeptMoment[];
  results: KeptResult[];
}

/** Steps in a block of losses: only the last blocks of a run are written again. */
export const BLOCK = 4096;

/** All that one checkpoint changes; written whole or not at all. */
export interface RunChange {
  /** Its marks hold for a new run only: a known run's are changed with `mark`. */
  run: KeptRun;
  checkpoint: KeptCheckpoint;
  /** Blocks of losses and accuracies, the first of them number `firstBlock`. */
  firstBlock: number;
  blocks: KeptCurves[];
  /** New since the last change. */
  snapshots: Snapshot[];
  /** Steps of snapshots that are no more. */
  dropped: number[];
}

/** Where runs are kept. Every call rejects where the browser refuses. */
export interface RunStorage {
  list(): Promise<KeptRun[]>;
  read(id: string): Promise<KeptContent | undefined>;
  look(id: string): Promise<KeptLook | undefined>;
  /** Those of a snapshot, or where the run stands. */
  parametersAt(id: string, step: number): Promise<Parameters | undefined>;
  save(change: RunChange): Promise<void>;
  saveResults(id: string, change: ResultsChange): Promise<void>;
  /** Nothing happens to a run that is not there. */
  mark(id: string, marks: Partial<RunMarks>): Promise<void>;
  remove(id: string): Promise<void>;
}

/** The run to write: a known one keeps its marks. */
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

/** The moments of a run's snapshots, and of its checkpoint unless a snapshot has it. */
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
