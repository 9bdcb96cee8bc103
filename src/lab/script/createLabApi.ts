import { pixelsOf } from '../../ml/data/dataset.ts';
import { shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { Victims } from '../adversarial/attackQuestion.ts';
import { keptRunInfo } from '../keep/runInfo.ts';
import type { Lab } from '../lab.ts';
import { linkTo } from '../share/link.ts';
import { batchAttackOf } from '../state/attackSettings.ts';
import { bestEpoch } from '../state/history.ts';

import type { ImageRef, LabApi, LabSnapshot, OpenedImage } from './labApi.ts';

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
