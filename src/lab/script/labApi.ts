import type { EngineId } from '../../ml/engines/engine.ts';
import type { Evaluation } from '../../ml/evaluation/evaluate.ts';
import type { Inspection } from '../../ml/evaluation/inspect.ts';
import type { Judgement } from '../../ml/metamers/judge.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { EpochResult } from '../../ml/training/run.ts';
import type { ActivationInfo, ActiveEngine, EngineInfo } from '../../workers/protocol.ts';
import type { AttackAnswer, AttackOptions } from '../adversarial/attackQuestion.ts';
import type { SimilarityMatrix } from '../ask/similarityMatrix.ts';
import type { Similarity, SimilarityOptions } from '../compare/similarity.ts';
import type { ActivationSimilarityOptions } from '../data/activationSimilarity.ts';
import type { ActivationSpectrum, ActivationSpectrumOptions } from '../data/activations.ts';
import type { OpenDataOptions } from '../data/ownImages.ts';
import type { GeometryAnswer } from '../geometry/geometryQuestion.ts';
import type { GeometryOptions } from '../geometry/geometrySettings.ts';
import type { KeptRunInfo } from '../keep/runInfo.ts';
import type { JudgeOptions, MetamerFound, MetamerOptions } from '../metamers/metamerQuestion.ts';
import type { ExportKind, ExportOptions, Imported } from '../share/fileKinds.ts';
import type { LinkOptions } from '../share/link.ts';
import type { SpectrumAnswer, SpectrumOptions } from '../spectrum/spectrumQuestion.ts';
import type { AdversarialTraining } from '../state/adversarialTraining.ts';
import type { NetworkChoice } from '../state/networkChoice.ts';
import type { Settings } from '../state/settings.ts';
import type { Moment, RunStatus, SnapshotInfo } from '../state/state.ts';

/** An image of the data set, or the pixels of the network's input in [0, 1]. */
export type ImageRef = { split: 'train' | 'test'; index: number } | Float32Array;

interface At {
  /** The moment to read: a snapshot's step, the best epoch, or the newest (default). */
  at?: Moment | 'best';
}

export interface ResetOptions {
  seed?: number;
  /** `mnist`, `fashion-mnist`, or the id of own images. Default: the present run's data. */
  data?: 'mnist' | 'fashion-mnist' | (string & {});
  network?: NetworkChoice;
  /** Default: the present run's optimizer. */
  optimizer?: { kind: 'adam' } | { kind: 'sgd'; momentum?: number; weightDecay?: number };
  engine?: EngineId | 'auto';
  /** Threads of the wasm engine. Default: no change; a first run uses the number that trains fastest. */
  workers?: number | 'auto';
}

export interface TrainOptions {
  engine?: EngineId | 'auto';
  /** Number of further epochs. Default: the Train panel's, or one pass over `order`. */
  epochs?: number;
  /** Reset to this seed first. */
  seed?: number;
  batchSize?: number;
  learningRate?: number | string;
  /** Adversarial training from now on, until set to 'none'. */
  attack?: AdversarialTraining | 'none';
  /** Indices of training images to use instead of the seeded shuffle. */
  order?: Int32Array | number[];
  /** Maximum number of further updates. */
  maxSteps?: number;
  signal?: AbortSignal;
  /** Receives the run's progress at every frame of the page. */
  onProgress?(progress: { step: number; epoch: number; loss: number }): void;
}

export interface OpenedImage {
  name: string;
  label?: number;
  /** The network's input, [channels x height x width] in [0, 1]. */
  pixels: Float32Array;
  /** Undefined until computed. */
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

/** `window.lab`: the buttons' actions for the console, a teacher's page or a test. */
export interface LabApi {
  readonly ready: Promise<void>;
  readonly state: LabSummary;
  engines(): Promise<EngineInfo[]>;
  reset(options?: ResetOptions): Promise<void>;
  /** Reads own images from files; returns their id for `reset({ data })`. Without a test part, a share is held out by seed. */
  openData(files: Iterable<File>, options?: OpenDataOptions): Promise<string>;
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
    /** Threads of the wasm engine; `auto` takes as many as train fastest. */
    workers?: number | 'auto';
  }): Promise<void>;
  /** Destroys the GPU device, like a driver crash, to test that the run survives. */
  loseDevice(): Promise<void>;
  /** Terminates the training worker, like a crash, to test that the run survives. */
  killWorker(): void;
  /** The runs saved in this browser, newest first, after everything pending is written. */
  runs(): Promise<KeptRunInfo[]>;
  /** Continues a saved run (or the run with this id) from its last checkpoint. */
  open(run: string | { id: string }): Promise<void>;
  parameters(options?: At): Promise<Parameters>;
  forward(
    options: { images: ImageRef[]; layer: string } & At,
  ): Promise<{ data: Float32Array; shape: number[] }>;
  /** The snapshots of the run. */
  snapshots(): SnapshotInfo[];
  /** Sets the moment for every panel to the snapshot nearest to a step; returns the actual moment. */
  seek(moment: Moment | 'best'): Moment;
  /** Recomputes an earlier step from the run's log, as a new snapshot. `exact`: bit-identical to the original. */
  replay(step: number, options?: { signal?: AbortSignal }): Promise<{ exact: boolean }>;
  /** All activations of the network for one image. */
  inspect(image: ImageRef, options?: At): Promise<Inspection>;
  /** Opens an image in the Activations panel. */
  openImage(image: ImageRef): void;
  /** The content of the Activations panel: the image in focus and its latest activations. */
  opened(): OpenedImage | undefined;
  /** Evaluates the test set at a moment; `confusion` is [10, 10], label by prediction. */
  confusion(options?: At): Promise<Evaluation>;
  evaluate(options?: { split?: 'train' | 'test'; signal?: AbortSignal } & At): Promise<Evaluation>;
  /** Opens another network's activations (`.npz`, `.npy` or safetensors); files of several layers together. */
  openActivations(files: File | Iterable<File>): Promise<ActivationInfo>;
  /** Singular values and principal components of a layer's activations, by default of the first 100 training images. */
  spectrum(options: SpectrumOptions & { source?: 'network' }): Promise<SpectrumAnswer>;
  /** Of the activations opened last. */
  spectrum(options: ActivationSpectrumOptions & { source: 'activations' }): Promise<ActivationSpectrum>;
  /** Capacity, radius, dimension and center correlation of the class manifolds, by layer. */
  geometry(
    options?: GeometryOptions & {
      /** The page's network (default), or the activations opened last. */
      source?: 'network' | 'activations';
    } & At & { signal?: AbortSignal; onProgress?(progress: { fraction: number }): void },
  ): Promise<Record<string, GeometryAnswer>>;
  /** Debiased linear CKA between layers, between moments of one layer, or with the compared run. */
  similarity(options?: SimilarityOptions & { source?: 'network' }): Promise<Similarity>;
  /** Debiased linear CKA between the layers of the activations opened last. */
  similarity(options: ActivationSimilarityOptions & { source: 'activations' }): Promise<SimilarityMatrix>;
  /** Makes an image, from noise, that gives a layer the same activations as the reference; with a verdict. */
  metamer(options: MetamerOptions & { image: ImageRef }): Promise<MetamerFound>;
  /** Judges a metamer, possibly of another network, by the network at a moment. */
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
  /** A link to a lab with the same setup: settings, image, layer, moment, and parts to `hide`. */
  share(options?: LinkOptions): string;
  /** A file of the run (`.untangle.zip`), or of its parameters, activations (npz), images (`data`, npz) or a notebook in PyTorch. */
  export(kind: ExportKind, options?: ExportOptions): Promise<File>;
  /** Shows the recorded run; training starts a new run. */
  openRecorded(): Promise<void>;
  /** Opens a run file as the present run, or a PyTorch, safetensors or NumPy file as the network's parameters. */
  import(file: Blob | ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<Imported>;
}
