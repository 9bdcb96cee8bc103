import type { DataSet } from '../../ml/data/dataset.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import type { LogEntry } from '../../ml/training/log.ts';
import type { ActiveEngine, EngineInfo, NetworkMoment, NetworkTimings } from '../../workers/protocol.ts';
import type { History } from './history.ts';
import type { Hideable, LessonId, PanelId } from './pageParts.ts';
import type { Settings } from './settings.ts';

/** A run that comes with the site, named after its network. */
export type RecordedId = 'notebook' | 'lenet';

export type RunStatus = 'starting' | 'idle' | 'training' | 'paused';

/** The moment that all panels show: a snapshot's step, or the newest state. */
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

/** An error or a notice for the person. */
export interface LabProblem {
  /** The part of the page that shows the problem. */
  place: 'data' | 'training' | 'engine' | 'page';
  kind: 'error' | 'notice';
  message: string;
  /** An offered action: resume a reopened run, or start over. */
  offer?: 'resume';
}

interface DataProgress {
  status: 'idle' | 'loading' | 'ready' | 'failed';
  loadedBytes: number;
  totalBytes: number;
  /** The data set's name; MNIST if missing. */
  name?: string;
  message?: string;
}

export interface LabState {
  status: RunStatus;
  /** Increases whenever the network starts over, which invalidates answers about earlier networks. */
  run: number;
  dataProgress: DataProgress;
  /** Whether the data are stored for the next visit; undefined until written. */
  dataKept?: boolean;
  data?: DataSet;
  settings: Settings;
  network: NetworkDescription;
  engines: EngineInfo[];
  engine?: ActiveEngine;
  /** Threads of the wasm engine, or as many as train fastest. */
  workers: number | 'auto';
  /** Measured milliseconds per step, by engine. */
  timings: NetworkTimings;
  /** Updates made so far. */
  step: number;
  /** Number of finished epochs. */
  epoch: number;
  stepsPerEpoch: number;
  /** Medians of the last chunks, for the header. */
  stepsPerSecond?: number;
  history: History;
  log: LogEntry[];
  snapshots: SnapshotInfo[];
  /** The recorded run that is shown, if any; training then starts a new run. */
  recorded: RecordedId | false;
  /** A sentence about snapshots thinned out to stay within the memory budget. */
  snapshotNotice?: string;
  moment: Moment;
  /** The layer chosen on the page, or `input`. After a new network, `chosenLayer` tells whether the layer still exists. */
  layer?: string;
  /** conv.weight and conv.bias at the newest frame. */
  liveFilters?: { step: number; weight: Float32Array; bias: Float32Array };
  problems: LabProblem[];
  /** Parts of the page that a link hides, for example from a class. */
  hidden: readonly Hideable[];
  /** The lesson whose sheet is open beside the page. */
  lesson?: LessonId;
  /** The only panel shown, in a frame of another page. */
  embed?: PanelId;
}

/** The panels' actions. Each rejects or records a problem with a plain message; none throws synchronously. */
export interface LabActions {
  train(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Makes `count` updates, then pauses. */
  stepBy(count: number): Promise<void>;
  reset(): Promise<void>;
  /** Applies valid settings at once (some need a reset: seed, filters, kernelSize). Throws on an invalid value. */
  set(changes: Partial<Settings>): void;
  /** Measures the engines again; `auto` then uses the result. */
  measureEngines(): Promise<void>;
  /** Returns the problem of a learning rate, if any. */
  checkLearningRate(text: string): Promise<string | undefined>;
  retryData(): Promise<void>;
  seek(moment: Moment | 'best'): void;
  /** Chooses a layer, or `input`, for every panel that shows one layer. */
  chooseLayer(layer: string): void;
  /** The first convolution's parameters at a moment; undefined until available. */
  filtersAt(moment: Moment): { step: number; weight: Float32Array; bias: Float32Array } | undefined;
  /** Shows a problem or notice, and replaces an earlier one with the same text. */
  report(problem: LabProblem): void;
  dismiss(problem: LabProblem): void;
  /** Opens a lesson's sheet, or closes the open one. */
  openLesson(lesson: LessonId | undefined): void;
}
