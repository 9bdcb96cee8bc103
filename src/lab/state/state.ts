import type { DataSet } from '../../ml/data/dataset.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import type { LogEntry } from '../../ml/training/log.ts';
import type { ActiveEngine, EngineInfo, EngineTimings, NetworkMoment } from '../../workers/protocol.ts';
import type { History } from './history.ts';
import type { Hideable } from './pageParts.ts';
import type { Settings } from './settings.ts';

export type { EpochResult } from '../../ml/training/run.ts';
export type { ActiveEngine, EngineInfo, EngineTimings, History };

export type RunStatus = 'starting' | 'idle' | 'training' | 'paused';

/** The moment that every panel shows: a snapshot's step, or whatever is newest. */
export type Moment = number | 'live';

/** The network of a run at a step, with its parameters. */
export type LabMoment = NetworkMoment & { step: number };

export interface SnapshotInfo {
  step: number;
  epoch: number;
  /** The snapshot of the epoch with the best test accuracy so far. */
  best: boolean;
  epochEnd: boolean;
}

/** Something that went wrong, or that a person should know. */
export interface LabProblem {
  /** Where the person should look. */
  place: 'data' | 'training' | 'engine' | 'page';
  kind: 'error' | 'notice';
  message: string;
  /** What can be done about it: go on with a run that came back, or start over. */
  offer?: 'resume';
}

export interface DataProgress {
  status: 'idle' | 'loading' | 'ready' | 'failed';
  loadedBytes: number;
  totalBytes: number;
  message?: string;
}

export interface LabState {
  status: RunStatus;
  /** Counts up whenever the network starts over: answers about an earlier one are void. */
  run: number;
  dataProgress: DataProgress;
  /** Whether the next visit needs no network for the data; unknown until they are written. */
  dataKept?: boolean;
  data?: DataSet;
  settings: Settings;
  network: NetworkDescription;
  engines: EngineInfo[];
  engine?: ActiveEngine;
  /** Milliseconds a step by engine, as measured here. */
  timings: EngineTimings;
  /** Updates made so far. */
  step: number;
  /** Whole epochs done. */
  epoch: number;
  stepsPerEpoch: number;
  /** Medians of the last chunks, for the header. */
  stepsPerSecond?: number;
  history: History;
  log: LogEntry[];
  snapshots: SnapshotInfo[];
  /** What is shown is the run that comes with the site; training starts a fresh one. */
  recorded: boolean;
  /** What was thinned to stay in the memory budget, in a sentence. */
  snapshotNotice?: string;
  moment: Moment;
  /** conv.weight and conv.bias at the newest frame. */
  liveFilters?: { step: number; weight: Float32Array; bias: Float32Array };
  problems: LabProblem[];
  /** Parts of the page that a link hides, so that a class sees and changes only what it should. */
  hidden: readonly Hideable[];
}

/** What panels call. Each rejects or records a problem with a message for people; none throws synchronously. */
export interface LabActions {
  train(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Makes n updates and is paused again. */
  stepBy(count: number): Promise<void>;
  reset(): Promise<void>;
  /** Applies valid settings at once (some need a reset: seed, filters, kernelSize). Throws on an invalid value. */
  set(changes: Partial<Settings>): void;
  /** Times the engines anew; `auto` then uses the result. */
  measureEngines(): Promise<void>;
  /** What is wrong with a learning rate, if anything. */
  checkLearningRate(text: string): Promise<string | undefined>;
  retryData(): Promise<void>;
  seek(moment: Moment | 'best'): void;
  /** Parameters at the moment that the page shows (or another); undefined before any exist. */
  filtersAt(moment: Moment): { step: number; weight: Float32Array; bias: Float32Array } | undefined;
  /** Tells the person something; one of the same words takes the place of the one before. */
  report(problem: LabProblem): void;
  dismiss(problem: LabProblem): void;
}
