import type { EngineId } from '../../ml/engines/engine.ts';
import type { Evaluation } from '../../ml/evaluation/evaluate.ts';
import type { Inspection } from '../../ml/evaluation/inspect.ts';
import type { Judgement } from '../../ml/metamers/judge.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { EpochResult } from '../../ml/training/run.ts';
import type { ActiveEngine, EngineInfo } from '../../workers/protocol.ts';
import type { AttackAnswer, AttackOptions } from '../adversarial/attackQuestion.ts';
import type { GeometryAnswer, GeometryOptions } from '../geometry/geometryQuestion.ts';
import type { KeptRunInfo } from '../keep/runInfo.ts';
import type { JudgeOptions, MetamerFound, MetamerOptions } from '../metamers/metamerQuestion.ts';
import type { ExportKind, ExportOptions, Imported } from '../share/fileKinds.ts';
import type { LinkOptions } from '../share/link.ts';
import type { SpectrumAnswer, SpectrumOptions } from '../spectrum/spectrumQuestion.ts';
import type { AdversarialTraining } from '../state/attackSettings.ts';
import type { NetworkChoice } from '../state/networkChoice.ts';
import type { Settings } from '../state/settings.ts';
import type { Moment, RunStatus, SnapshotInfo } from '../state/state.ts';

/** An image of the data set, or 784 pixels in [0, 1]. */
export type ImageRef = { split: 'train' | 'test'; index: number } | Float32Array;

export interface At {
  /** The moment to read: a snapshot's step, the best epoch, or the newest (default). */
  at?: Moment | 'best';
}

export interface TrainOptions {
  engine?: EngineId | 'auto';
  /** Further epochs; default the Train panel's, or one pass over `order`. */
  epochs?: number;
  /** Starts over from this seed. */
  seed?: number;
  batchSize?: number;
  learningRate?: number | string;
  /** Adversarial training from here on, until it is 'none' again. */
  attack?: AdversarialTraining | 'none';
  /** Explicit training-image indices instead of the seeded shuffle. */
  order?: Int32Array | number[];
  /** Further updates at most. */
  maxSteps?: number;
  signal?: AbortSignal;
  /** Hears of the run's step, as often as the page draws. */
  onProgress?(progress: { step: number; epoch: number; loss: number }): void;
}

export interface OpenedImage {
  name: string;
  label?: number;
  /** What the network sees, [784] in [0, 1]. */
  pixels: Float32Array;
  /** Undefined until the network has been asked. */
  activations?: {
    step: number;
    layers: Inspection['layers'];
    probabilities: Float32Array;
    prediction: number;
  };
}

export interface LabSummary {
  status: RunStatus;
  engine?: ActiveEngine;
  step: number;
  epoch: number;
  settings: Settings;
  metrics: {
    trainLoss?: number;
    trainAccuracy?: number;
    testLoss?: number;
    testAccuracy?: number;
    bestTestAccuracy?: number;
    bestEpoch?: number;
  };
  history: { losses: Float32Array; accuracies: Float32Array; epochs: EpochResult[] };
  problems: string[];
}

/** `window.lab`: what the buttons do, for the console, a teacher's page or a test. */
export interface LabApi {
  readonly ready: Promise<void>;
  readonly state: LabSummary;
  engines(): Promise<EngineInfo[]>;
  reset(options?: {
    seed?: number;
    network?: NetworkChoice;
    /** Default: that of the run at hand. */
    optimizer?: { kind: 'adam' } | { kind: 'sgd'; momentum?: number; weightDecay?: number };
    engine?: EngineId | 'auto';
  }): Promise<void>;
  loadParameters(source: Parameters | ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<void>;
  train(options?: TrainOptions): Promise<{
    engine: EngineId;
    steps: number;
    losses: Float32Array;
    seconds: number;
    epochs: {
      trainLoss: number;
      trainAccuracy: number;
      testLoss: number;
      testAccuracy: number;
      seconds: number;
    }[];
  }>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
  step(count?: number): Promise<void>;
  set(changes: {
    learningRate?: number | string;
    batchSize?: number;
    attack?: AdversarialTraining | 'none';
    speed?: number | 'fastest';
  }): Promise<void>;
  /** Destroys the GPU's device, as a driver's crash would, to see that the run survives it. */
  loseDevice(): Promise<void>;
  /** Ends the training worker, as a crash would, to see that the run survives it. */
  killWorker(): void;
  /** The runs that this browser keeps, newest first. */
  runs(): Promise<KeptRunInfo[]>;
  /** Goes on with a kept run (or its id), where its last checkpoint stands. */
  open(run: string | { id: string }): Promise<void>;
  parameters(options?: At): Promise<Parameters>;
  forward(
    options: { images: ImageRef[]; layer: string } & At,
  ): Promise<{ data: Float32Array; shape: number[] }>;
  /** The kept moments of the run. */
  snapshots(): SnapshotInfo[];
  /** Sets the moment that every panel shows, to the nearest snapshot of a step; gives the moment that it found. */
  seek(moment: Moment | 'best'): Moment;
  /** Makes any earlier step of the run again, from its log, as one more snapshot. `exact`: bit-identical to the run's. */
  replay(step: number, options?: { signal?: AbortSignal }): Promise<{ exact: boolean }>;
  /** Everything the network makes of one image. */
  inspect(image: ImageRef, options?: At): Promise<Inspection>;
  /** Opens an image in the Activations panel. */
  openImage(image: ImageRef): void;
  /** What the Activations panel shows: the image in focus, and what the network made of it last. */
  opened(): OpenedImage | undefined;
  /** The test set at a moment; `confusion` is [10, 10], label by prediction. */
  confusion(options?: At): Promise<Evaluation>;
  evaluate(options?: { split?: 'train' | 'test'; signal?: AbortSignal } & At): Promise<Evaluation>;
  /** Singular values and principal components of a layer's activations, by default of the first 100 training images. */
  spectrum(options: SpectrumOptions): Promise<SpectrumAnswer>;
  /** Capacity, radius, dimension and center correlation of the class manifolds, by layer. */
  geometry(
    options?: GeometryOptions &
      At & { signal?: AbortSignal; onProgress?(progress: { fraction: number }): void },
  ): Promise<Record<string, GeometryAnswer>>;
  /** An image that gives a layer the same activations as the reference, made from noise; and its verdict. */
  metamer(options: MetamerOptions & { image: ImageRef }): Promise<MetamerFound>;
  /** What the network at a moment makes of a metamer, perhaps another network's; both are images. */
  judge(
    options: Omit<JudgeOptions, 'reference' | 'metamer'> & { image: ImageRef; metamer: ImageRef },
  ): Promise<Judgement & { step: number }>;
  /** Attacks images of the data set (default: all of `split`), or `images`, whose `labels` pixels need. */
  attack(
    options: AttackOptions & {
      split?: 'train' | 'test';
      indices?: ArrayLike<number>;
      images?: ImageRef[];
      labels?: ArrayLike<number>;
    },
  ): Promise<AttackAnswer>;
  /** A link that sets a lab up as this one is: settings, image, layer, moment, and what to `hide`. */
  share(options?: LinkOptions): string;
  /** A file of the run (`.untangle.zip`), or of its parameters, activations (npz) or a notebook in PyTorch. */
  export(kind: ExportKind, options?: ExportOptions): Promise<File>;
  /** Shows the run that comes with the site; training starts a fresh one. */
  openRecorded(): Promise<void>;
  /** Opens a run's file as the present run, or a file of PyTorch, safetensors or NumPy as the network's parameters. */
  import(file: Blob | ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<Imported>;
}
