import { pixelsOf } from '../../ml/data/dataset.ts';
import type { EngineId } from '../../ml/engines/engine.ts';
import type { Judgement } from '../../ml/metamers/judge.ts';
import type { Inspection } from '../../ml/model/inspect.ts';
import { shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { Evaluation } from '../../ml/training/evaluate.ts';
import type { EpochResult } from '../../ml/training/run.ts';
import type { ActiveEngine, EngineInfo } from '../../workers/protocol.ts';
import type { AttackAnswer, AttackOptions, Victims } from '../adversarial/attacks.ts';
import { type KeptRunInfo, keptRunInfo } from '../keep/runInfo.ts';
import type { Lab } from '../lab.ts';
import type { JudgeOptions, MetamerFound, MetamerOptions } from '../metamers/metamers.ts';
import type { ExportKind, ExportOptions, Imported } from '../share/files.ts';
import { type LinkOptions, linkTo } from '../share/link.ts';
import type {
  GeometryAnswer,
  GeometryOptions,
  SpectrumAnswer,
  SpectrumOptions,
} from '../spectrum/spectrumQuestion.ts';
import { type AdversarialTraining, batchAttackOf } from '../state/attackSettings.ts';
import { bestEpoch } from '../state/history.ts';
import type { Moment, RunStatus, Settings, SnapshotInfo } from '../state/state.ts';

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

export interface LabSnapshot {
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
  readonly state: LabSnapshot;
  engines(): Promise<EngineInfo[]>;
  reset(options?: {
    seed?: number;
    network?: { filters?: number; kernelSize?: number };
    engine?: EngineId | 'auto';
  }): Promise<void>;
  loadParameters(source: Parameters | ArrayBuffer | Uint8Array): Promise<void>;
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
  /** Opens a run's file as the present run, or safetensors as the network's parameters. */
  import(file: Blob | ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<Imported>;
}

export function createLabApi(lab: Lab): LabApi {
  const { store, workers } = lab;
  return {
    ready: lab.ready,
    get state() {
      return snapshotOf(lab);
    },
    engines: () => workers.trainer.call('engines', undefined),
    async reset({ seed, network = {}, engine } = {}) {
      await lab.ready;
      await lab.restart(given({ seed, engine, ...network }));
    },
    async loadParameters(source) {
      await lab.loadParameters(...(await readParameters(lab, source)));
    },
    async train({
      engine,
      epochs,
      seed,
      batchSize,
      learningRate,
      attack,
      order,
      maxSteps,
      signal,
      onProgress,
    } = {}) {
      await lab.ready;
      const changes = given({
        engine,
        batchSize,
        learningRate: learningRate === undefined ? undefined : String(learningRate),
        attack: attack && batchAttackOf(attack),
      });
      if (seed === undefined) await lab.apply(changes);
      else await lab.restart({ ...changes, seed });
      const whole = order || maxSteps === undefined ? undefined : Number.MAX_SAFE_INTEGER;
      const request = {
        epochs: epochs ?? whole ?? (order ? 1 : store.getState().settings.epochs),
        maxSteps,
        order: order && Int32Array.from(order),
      };
      const unsubscribe = onProgress
        ? store.subscribe(({ step, epoch, history }, before) => {
            if (step !== before.step) onProgress({ step, epoch, loss: history.losses[history.length - 1] });
          })
        : () => undefined;
      try {
        const { epochs: results, ...outcome } = await lab.runTraining(request, signal);
        return { engine: store.getState().engine?.id ?? 'tfjs-cpu', ...outcome, epochs: results };
      } finally {
        unsubscribe();
      }
    },
    pause: () => workers.trainer.call('pause', undefined),
    resume: () => workers.trainer.call('resume', undefined),
    stop: () => workers.trainer.call('stop', undefined),
    loseDevice: () => workers.trainer.call('loseDevice', undefined),
    killWorker: () => workers.trainer.kill(),
    runs: async () => (await lab.keep.refresh()).map(keptRunInfo),
    open: (run) => lab.openKept(typeof run === 'string' ? run : run.id),
    async step(count = 1) {
      await lab.ready;
      await lab.makeSteps(count);
    },
    async set({ learningRate, batchSize, attack, speed }) {
      await lab.ready;
      await lab.apply(
        given({
          learningRate: learningRate === undefined ? undefined : String(learningRate),
          batchSize,
          attack: attack && batchAttackOf(attack),
          speed,
        }),
      );
    },
    async parameters({ at = 'live' } = {}) {
      const { parameters } = await lab.momentAt(at);
      return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()]));
    },
    async forward({ images, layer, at = 'live' }) {
      await lab.ready;
      const pixels = resolveImages(lab, images);
      return workers.inspector.call('forward', { moment: await lab.momentAt(at), images: pixels, layer });
    },
    snapshots: () => store.getState().snapshots.map((snapshot) => ({ ...snapshot })),
    seek(moment) {
      const isStep = typeof moment === 'number' && Number.isFinite(moment) && moment >= 0;
      if (moment !== 'best' && moment !== 'live' && !isStep) {
        throw new Error(
          `seek: expected a step (a number of at least 0), 'best' or 'live', found ${typeof moment === 'string' ? JSON.stringify(moment) : String(moment)}`,
        );
      }
      if (moment === 'best' && !bestEpoch(store.getState().history)) {
        throw new Error(
          "seek: expected a whole epoch before 'best' has a meaning, found none yet. Train an epoch first.",
        );
      }
      lab.actions.seek(moment);
      return store.getState().moment;
    },
    replay: (step, { signal } = {}) => lab.replay(step, signal),
    async inspect(image, { at = 'live' } = {}) {
      await lab.ready;
      return lab.questions.inspect(resolveImages(lab, [image]), at);
    },
    openImage(image) {
      if (image instanceof Float32Array) {
        const pixels = resolveImages(lab, [image]);
        lab.images.open({ id: 'script', name: 'given by a script', pixels, origin: { kind: 'pixels' } });
      } else {
        resolveImages(lab, [image]);
        lab.images.openDataSet(image.split, image.index);
      }
    },
    opened: () => openedIn(lab),
    async confusion({ at = 'live' } = {}) {
      await lab.ready;
      return lab.questions.confusion(at);
    },
    async evaluate({ split = 'test', at = 'live', signal } = {}) {
      await lab.ready;
      const moment = await lab.momentAt(at);
      const { data } = store.getState();
      if (split !== 'test' && split !== 'train') {
        throw new Error(`evaluate: expected split "train" or "test", found "${String(split)}"`);
      }
      const train = split === 'train' && data ? data.train : undefined;
      return workers.inspector.call(
        'evaluate',
        { moment, images: train?.images, labels: train?.labels },
        { signal },
      );
    },
    async spectrum(options) {
      await lab.ready;
      return lab.analysis.spectrum(options);
    },
    async geometry(options) {
      await lab.ready;
      return lab.analysis.geometry(options);
    },
    async metamer({ image, ...options }) {
      await lab.ready;
      return lab.metamers.generate(resolveImages(lab, [image]), options);
    },
    async judge({ image, metamer, ...options }) {
      await lab.ready;
      const [reference, other] = [image, metamer].map((each) => resolveImages(lab, [each]));
      return lab.metamers.judge({ ...options, reference, metamer: other });
    },
    async attack({ split, indices, images, labels, ...options }) {
      await lab.ready;
      const victims = images ? givenVictims(lab, images, labels) : { split, indices };
      return lab.attacks.attack(victims, options);
    },
    share: (options) => linkTo(lab, options),
    export: (kind, options) => lab.files.export(kind, options),
    openRecorded: () => lab.files.openRecorded(),
    import: (file) => lab.files.import(file instanceof Blob ? file : new Blob([file])),
  };
}

/** Images given to be attacked; those of the data set bring their labels. */
function givenVictims(lab: Lab, images: ImageRef[], labels: ArrayLike<number> | undefined): Victims {
  const pixels = resolveImages(lab, images);
  const { data, network } = lab.store.getState();
  const classes = sizeOf(shapeAt(network, network.layers.at(-1)?.name ?? 'input'));
  if (labels && labels.length !== images.length) {
    throw new Error(`attack: expected a label for each of ${images.length} images, found ${labels.length}`);
  }
  const found = images.map((image, i) => {
    const label =
      labels?.[i] ?? (image instanceof Float32Array ? undefined : data?.[image.split].labels[image.index]);
    if (label === undefined || !Number.isInteger(label) || label < 0 || label >= classes) {
      throw new Error(`attack: expected the label of image ${i}, from 0 to ${classes - 1}, found ${label}`);
    }
    return label;
  });
  return { images: pixels, labels: Uint8Array.from(found) };
}

/** A copy of what the panel shows; its activations belong to exactly these pixels. */
function openedIn({ images, looking }: Lab): OpenedImage | undefined {
  const { focus } = images.store.getState();
  if (!focus) return undefined;
  const { name, label, pixels } = focus;
  const { look } = looking.store.getState();
  const place = look?.images.indexOf(focus) ?? -1;
  if (!look || place < 0) return { name, label, pixels: pixels.slice() };
  const { inspection, step } = look;
  const part = (data: Float32Array) => {
    const size = data.length / inspection.count;
    return data.slice(place * size, (place + 1) * size);
  };
  const layers = Object.fromEntries(
    Object.entries(inspection.layers).map(([layer, { data, shape }]) => [
      layer,
      { data: part(data), shape: [1, ...shape.slice(1)] },
    ]),
  );
  const activations = {
    step,
    layers,
    probabilities: part(inspection.probabilities),
    prediction: inspection.predictions[place],
  };
  return { name, label, pixels: pixels.slice(), activations };
}

/** Pixels [n, 784] of the images that are meant. */
export function resolveImages({ store }: Lab, images: ImageRef[]): Float32Array {
  const { data, network } = store.getState();
  const size = sizeOf(shapeAt(network, 'input'));
  if (!Array.isArray(images) || images.length === 0) {
    throw new Error('images: expected a list of at least one image, found none');
  }
  const pixels = new Float32Array(images.length * size);
  images.forEach((image, i) => {
    pixels.set(pixelsOfRef(image), i * size);
  });
  return pixels;

  function pixelsOfRef(image: ImageRef): Float32Array {
    if (image instanceof Float32Array) {
      if (image.length !== size) {
        throw new Error(`images: expected ${size} pixels in an image, found ${image.length}`);
      }
      return image;
    }
    if (!data) throw new Error('images: expected the data set first; await lab.ready');
    if (image?.split !== 'train' && image?.split !== 'test') {
      throw new Error('images: expected { split: "train" | "test", index } or a Float32Array of pixels');
    }
    return pixelsOf(data[image.split], image.index);
  }
}

async function readParameters(
  { store }: Lab,
  source: Parameters | ArrayBuffer | Uint8Array,
): Promise<[Parameters, string]> {
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) {
    const { parametersFromSafetensors } = await import('../../ml/formats/safetensors.ts');
    return [parametersFromSafetensors(store.getState().network, source), 'safetensors'];
  }
  return [
    Object.fromEntries(Object.entries(source).map(([name, values]) => [name, Float32Array.from(values)])),
    'record',
  ];
}

/** The options that were given: undefined ones would overwrite what stands. */
function given<T extends object>(options: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const kept: { [Key in keyof T]?: Exclude<T[Key], undefined> } = {};
  for (const key in options) {
    const value = options[key];
    if (isGiven(value)) kept[key] = value;
  }
  return kept;
}

function isGiven<Value>(value: Value): value is Exclude<Value, undefined> {
  return value !== undefined;
}

function snapshotOf({ store }: Lab): LabSnapshot {
  const { status, engine, step, epoch, settings, history, problems } = store.getState();
  const last = history.epochs.at(-1);
  const best = bestEpoch(history);
  return {
    status,
    engine,
    step,
    epoch,
    settings: { ...settings },
    metrics: {
      trainLoss: history.length > 0 ? history.losses[history.length - 1] : undefined,
      trainAccuracy: history.length > 0 ? history.accuracies[history.length - 1] : undefined,
      testLoss: last?.testLoss,
      testAccuracy: last?.testAccuracy,
      bestTestAccuracy: best?.testAccuracy,
      bestEpoch: best?.epoch,
    },
    history: {
      losses: history.losses.slice(0, history.length),
      accuracies: history.accuracies.slice(0, history.length),
      epochs: [...history.epochs],
    },
    problems: problems.map(({ message }) => message),
  };
}
