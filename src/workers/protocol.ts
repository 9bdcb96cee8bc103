/** Every message between the page and its workers, as types only. */
import type { AttackResult, AttackSettings, RobustnessPoint } from '../ml/adversarial/attack.ts';
import type { DataDescription, DataSet } from '../ml/data/dataset.ts';
import type { ShippedId } from '../ml/data/shipped.ts';
import type { EngineId } from '../ml/engines/engine.ts';
import type { Evaluation } from '../ml/evaluation/evaluate.ts';
import type { Inspection } from '../ml/evaluation/inspect.ts';
import type { ActivationFile } from '../ml/formats/activationFile.ts';
import type { NpyArray, NpyTexts } from '../ml/formats/npz.ts';
import type { OpenedFile } from '../ml/formats/open/openFile.ts';
import type { RunContent } from '../ml/formats/runContent.ts';
import type { OpenedWeights } from '../ml/formats/weights/openWeights.ts';
import type { AxisOrder, ReadingProgress } from '../ml/imageFiles/given.ts';
import type { HeldOut } from '../ml/imageFiles/heldOut.ts';
import type { ImagesPreview } from '../ml/imageFiles/ownData.ts';
import type { MetamerResult, MetamerSettings } from '../ml/metamers/generate.ts';
import type { Judgement } from '../ml/metamers/judge.ts';
import type { NetworkDescription } from '../ml/model/network.ts';
import type { OptimizerDescription } from '../ml/model/optimizer.ts';
import type { NetworkState, OptimizerState, Parameters } from '../ml/model/parameters.ts';
import type { Raster } from '../ml/pictures/gray.ts';
import type { PictureReading, ReadOptions } from '../ml/pictures/read.ts';
import type { CkaMatrix } from '../ml/similarity/alignment.ts';
import type { Spectrum } from '../ml/spectrum/analyzeSpectrum.ts';
import type { LogEntry } from '../ml/training/log.ts';
import type { Replayed } from '../ml/training/replay.ts';
import type {
  EpochResult,
  RunPosition,
  RunSettings,
  TrainOutcome,
  TrainRequest,
} from '../ml/training/run.ts';
import type { Snapshot } from '../ml/training/snapshots.ts';
import type { Call } from './rpc.ts';
import type { KeptContent, ResultsChange, RunChange, RunMarks, RunOverview } from './runStorage.ts';
import type { KeptRun } from './storedRecords.ts';

export interface EngineInfo {
  id: EngineId;
  available: boolean;
  /** Display name of the GPU or of the arithmetic. */
  adapter?: string;
  /** Whether the GPU is emulated in software, which is far slower than the CPU and never chosen automatically. */
  software?: boolean;
  /** Why the engine is not available. */
  reason?: string;
}

export interface ActiveEngine {
  id: EngineId;
  description: string;
  /** Equal for two engines of the same id that compute the same bits. */
  arithmetic: string;
  /** The reason for choosing this engine, in a sentence. */
  reason: string;
  /** Threads that compute, for the wasm engine. */
  workers?: number;
}

/** Milliseconds per training step on this machine, by engine. */
export type EngineTimings = Partial<Record<EngineId, number>>;

/** Timings of one network with its optimizer, in steps of 64 images. */
export interface NetworkTimings {
  network: NetworkDescription;
  optimizer: OptimizerDescription;
  milliseconds: EngineTimings;
}

// The data worker: fetches, checks and unpacks the data set, then ends.

export interface DataProgressMessage {
  file: string;
  loadedBytes: number;
  totalBytes: number;
}

/** A person's files, with their paths inside the folder that was dropped. */
export interface ImagesToRead {
  files: { path: string; file: Blob }[];
  name: string;
  axes?: AxisOrder;
}

/** A preview, or a question that only the person can answer. */
type ImagesRead = { preview: ImagesPreview } | { question: string };

export type DataCalls = {
  /** The ports, if given, lead to `setData` of the trainer and `setTest` of the inspector. */
  load: Call<
    { id: ShippedId; baseUrl: string; trainer?: MessagePort; inspector?: MessagePort },
    DataSet,
    DataProgressMessage
  >;
  /** Whether the loaded data set is stored for the next visit, once known. */
  kept: Call<void, boolean>;
  /** Reads a person's images and keeps them until `take`. */
  read: Call<ImagesToRead, ImagesRead, ReadingProgress>;
  /** The images that were read, as a data set. */
  take: Call<HeldOut & { name: string }, DataSet>;
};

// The activations worker: reads activations of another network from a person's files.

export type ActivationInfo = Omit<ActivationFile, 'rows'>;

export type ActivationCalls = {
  open: Call<{ files: { path: string; file: Blob }[] }, ActivationInfo>;
  rows: Call<{ layer: string; indices: Int32Array }, ActivationRows>;
  spectrum: Call<{ layer: string; indices: Int32Array; components?: number }, Spectrum, { fraction: number }>;
  /** Debiased linear CKA of every pair of layers with its errors. */
  similarity: Call<{ layers: string[]; indices: Int32Array }, CkaMatrix, { fraction: number }>;
};

/** Values of a layer, [images, columns]. */
export interface ActivationRows {
  data: Float32Array | Float64Array;
  columns: number;
}

// The picture worker: decodes one picture off the main thread, or reads the digits of one, then ends.

export interface PictureToDecode {
  file: Blob;
  width: number;
  height: number;
  /** Longest side of the result in pixels; a larger picture is scaled down. */
  largestSide: number;
  /** Has several frames: the first one with ink is decoded, where the browser can tell frames apart. */
  animated: boolean;
}

export interface DecodedPicture {
  raster: Raster;
  /** Of an animation, the frame that was decoded; 0 is the first. */
  frame: number;
}

export interface PictureToRead {
  raster: Raster;
  options: ReadOptions;
}

export type PictureCalls = {
  decode: Call<PictureToDecode, DecodedPicture>;
  read: Call<PictureToRead, PictureReading>;
};

// The archive worker: packs or unpacks one file off the main thread, then ends.

export type ArchiveCalls = {
  /**
   * Adds a snapshot of the run to pack. Snapshots are sent one at a time, because copying all at once would block the page.
   */
  addSnapshot: Call<Snapshot>;
  packRun: Call<Omit<RunContent, 'snapshots'>, Uint8Array<ArrayBuffer>>;
  unpackRun: Call<{ file: Blob }, RunContent>;
  /** Opens a run file or a parameters file, recognized by its bytes. `like` is the expected kind of network. */
  openFile: Call<{ file: Blob; like: NetworkDescription }, OpenedFile>;
  /** With `freeSizes`, the file may have another number and size of filters. */
  openParameters: Call<{ file: Blob; like: NetworkDescription; freeSizes: boolean }, OpenedWeights>;
  packArrays: Call<Record<string, NpyArray | NpyTexts>, Uint8Array<ArrayBuffer>>;
};

// The keep worker: runs in IndexedDB.

export type KeepCalls = {
  list: Call<void, KeptRun[]>;
  read: Call<{ id: string }, KeptContent | undefined>;
  overview: Call<{ id: string }, RunOverview | undefined>;
  parametersAt: Call<{ id: string; step: number }, Parameters | undefined>;
  /** Adds parameters for the next `save`, one record at a time, because cloning all at once would block the page. */
  addPart: Call<Parameters>;
  /** The added parts are, in order, the checkpoint's parameters, the optimizer's slots and the snapshots' parameters. */
  save: Call<
    Omit<RunChange, 'checkpoint' | 'snapshots'> & {
      position: RunPosition;
      /** The optimizer's state with slot names instead of slots, in the order of the parts. */
      optimizer: Pick<OptimizerState, 'kind' | 'step'> & { slots: string[] };
      snapshots: Omit<Snapshot, 'parameters'>[];
    }
  >;
  saveResults: Call<{ id: string; change: ResultsChange }>;
  mark: Call<{ id: string; marks: Partial<RunMarks> }>;
  saveData: Call<DataSet>;
  readData: Call<{ id: string }, DataSet | undefined>;
  listData: Call<void, DataDescription[]>;
  remove: Call<{ id: string }>;
};

// The trainer: the one worker that owns the network in training.

export interface RunStart {
  engine: EngineId | 'auto';
  /** Why the run continues on this engine, if no person chose the engine. */
  engineReason?: string;
  network: NetworkDescription;
  optimizer: OptimizerDescription;
  seed: number;
  settings: RunSettings;
}

export type TrainerCalls = {
  /** The data set arrives through the port, because passing 55 MB through the page would block its main thread. */
  setData: Call<{ port: MessagePort }>;
  engines: Call<void, EngineInfo[]>;
  /** The initial parameters of a seed, to show before the data have arrived. */
  preview: Call<{ seed: number; network: NetworkDescription }, Parameters>;
  /** Starts a new run, and creates its engine if needed. `timings` come from an earlier visit. */
  reset: Call<RunStart & { timings?: NetworkTimings }, void>;
  /** Moves the run to another engine, unless it is already there. */
  useEngine: Call<{ engine: EngineId | 'auto' }, ActiveEngine>;
  /** Measures the engines again; the next `auto` uses the result. */
  measureEngines: Call<void, NetworkTimings>;
  loadParameters: Call<{ parameters: Parameters; source: string }>;
  /** If `newestSnapshot` is given, the run continues without a new snapshot at its current step. */
  restore: Call<{
    start: RunStart;
    position: RunPosition;
    state: NetworkState;
    log: LogEntry[];
    newestSnapshot?: number;
    timings?: NetworkTimings;
  }>;
  /** If `paused`, no step is made before `resume`. */
  train: Call<TrainRequest & { paused?: boolean }, TrainOutcome>;
  /** `workers` is the number of threads of the wasm engine; `auto` chooses the fastest number. */
  set: Call<{ settings?: Partial<RunSettings>; speed?: number | 'fastest'; workers?: number | 'auto' }>;
  pause: Call<void>;
  resume: Call<void>;
  /** Ends the current `train` after its present chunk; it resolves with the steps made so far. */
  stop: Call<void>;
  /** While paused, makes `count` updates of the paused call, or of a new call, and pauses again. */
  step: Call<{ count: number }>;
  parameters: Call<{ names?: string[] }, { step: number; parameters: Parameters }>;
  checkpoint: Call<void, Checkpoint>;
  /** Recomputes the parameters of an earlier step from the run's log. */
  replay: Call<{ step: number }, Replayed>;
  /** The page has drawn the last frame and is ready for the next. */
  drawn: Call<void>;
  /** A person drags something on the page: rests between short chunks for so many milliseconds. */
  giveWay: Call<{ milliseconds: number }>;
  /** Returns the arrays of a checkpoint that the page needs no longer; transfer their buffers. */
  giveBack: Call<{ state: NetworkState }>;
  /** Destroys the GPU device on purpose, to test that the run survives. */
  loseDevice: Call<void>;
};

export interface Checkpoint {
  position: RunPosition;
  state: Required<NetworkState>;
  log: LogEntry[];
  /** The settings of the next step. */
  settings: RunSettings;
}

interface Frame {
  kind: 'frame';
  step: number;
  epoch: number;
  /** The step of `losses[0]`. */
  firstStep: number;
  losses: Float32Array;
  accuracies: Float32Array;
  filters: { weight: Float32Array; bias: Float32Array };
  stepsPerSecond?: number;
}

export type TrainerEvent =
  | Frame
  | { kind: 'epoch'; result: EpochResult }
  | { kind: 'snapshot'; snapshot: Snapshot }
  | { kind: 'status'; status: 'idle' | 'training' | 'paused' }
  | { kind: 'engine'; engine: ActiveEngine; timings: NetworkTimings }
  | { kind: 'log'; log: LogEntry[] }
  /** The state to continue from after a crash, with all measurements since the previous checkpoint. */
  | {
      kind: 'checkpoint';
      checkpoint: Checkpoint;
      firstStep: number;
      losses: Float32Array;
      accuracies: Float32Array;
    }
  | { kind: 'deviceLost'; message: string };

// The inspector: answers questions about the network at any moment, on a network of its own.

/** A moment whose parameters can be omitted if the inspector's previous question was about the same moment. */
export type KnownMoment = Omit<NetworkMoment, 'parameters'> & Partial<Pick<NetworkMoment, 'parameters'>>;

/** Parameters of one moment. The key shows whether the inspector already holds them. */
export interface NetworkMoment {
  key: string;
  network: NetworkDescription;
  parameters: Parameters;
}

export type InspectorCalls = {
  /** The test set arrives through the port. */
  setTest: Call<{ port: MessagePort }>;
  forward: Call<
    { moment: NetworkMoment; images: Float32Array; layer: string },
    { data: Float32Array; shape: number[] }
  >;
  /** Activations of images at every layer, in one pass. */
  inspect: Call<{ moment: KnownMoment; images: Float32Array }, Inspection>;
  /** Evaluates the test set, or the given images. */
  evaluate: Call<{ moment: KnownMoment; images?: Uint8Array; labels?: Uint8Array }, Evaluation>;
  /** Singular values and leading principal components of a layer's activations; images are bytes [n, pixels]. */
  spectrum: Call<
    { moment: NetworkMoment; images: Uint8Array; layer: string; components?: number },
    Spectrum,
    { fraction: number }
  >;
  metamer: Call<MetamerJob, MetamerAnswer, MetamerProgress>;
  /** Pauses the metamers of a group, or continues them exactly where they stopped. */
  hold: Call<{ group: string; held: boolean }>;
  judge: Call<JudgeJob, Judgement[]>;
  /** Trains a separate network from a seed. */
  secondRun: Call<SecondRunJob, Parameters, { done: number; count: number }>;
  attack: Call<AttackJob, AttackResult, { done: number; count: number }>;
  /** Accuracy against epsilon. */
  robustness: Call<
    RobustnessJob,
    RobustnessPoint[],
    { done: number; count: number; points: RobustnessPoint[] }
  >;
};

export interface MetamerJob {
  moment: NetworkMoment;
  /** [1, pixels] */
  references: Float32Array;
  /** [1, pixels] */
  starts: Float32Array;
  settings: MetamerSettings;
  /** The group's name for `hold`, if the job can be paused. */
  group?: string;
  /** Iterations whose images are in the answer; they are streamed too. */
  keep: readonly number[];
  /** Iterations between streamed images. */
  frameEvery: number;
  /** [m, pixels]: different images, whose pairs form the null distribution. */
  nullImages: Float32Array;
  /** The classes' names in the judgment's texts. */
  classNames?: readonly string[];
}

export interface MetamerProgress {
  iteration: number;
  /** Losses of all iterates since the last message. */
  losses: number[];
  /** Images since the last message, [n, pixels], and their iterations. */
  frames: Float32Array;
  frameIterations: number[];
}

export interface MetamerAnswer extends MetamerResult {
  /** Judgments of the last iterates. */
  judgements: Judgement[];
  /** Judgments of the last iterates clipped to [0, 1]; missing where no pixel lies outside. */
  clipped?: Judgement[];
  /** Number of pairs in the null distribution. */
  pairs: number;
}

export interface JudgeJob {
  moment: NetworkMoment;
  references: Float32Array;
  metamers: Float32Array;
  layer: string;
  nullImages: Float32Array;
  classNames?: readonly string[];
}

export interface SecondRunJob {
  network: NetworkDescription;
  optimizer: OptimizerDescription;
  seed: number;
  settings: RunSettings;
  epochs: number;
  /** Number of training images, which arrive through the port in parts. */
  size: number;
  port: MessagePort;
}

/** Bytes [n, pixels] and labels [n]. */
export interface TrainingPart {
  images: Uint8Array;
  labels: Uint8Array;
}

export interface AttackJob {
  moment: NetworkMoment;
  images: Float32Array | Uint8Array;
  labels: Uint8Array;
  settings: AttackSettings;
}

export interface RobustnessJob extends Omit<AttackJob, 'settings'> {
  settings: Omit<AttackSettings, 'epsilon'> & { epsilons: readonly number[] };
}
