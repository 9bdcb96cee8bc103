import type { Split } from '../../ml/data/dataset.ts';
import type { ExampleErrors } from '../../ml/geometry/index.ts';
import type { Matrix } from '../../ml/linear/matrix.ts';
import type { LayerGeometry, NetworkMoment } from '../../workers/protocol.ts';
import {
  analyzedLayers,
  checkLayer,
  checkSplit,
  checkWhole,
  type Selection,
  selectIndices,
  selectPerClass,
} from '../ask/selection.ts';
import type { Watched } from '../ask/watched.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import type { GeometryPool } from './geometryPool.ts';

export interface GeometryOptions {
  /** Default: every layer but flatten and log-softmax. */
  layers?: readonly string[];
  split?: Split;
  examplesPerClass?: number;
  /** Explicit images instead, grouped by label in the order of first appearance. */
  indices?: ArrayLike<number>;
  /** Margin, in units of the center's norm. */
  kappa?: number;
  /** Gaussian t-vectors per manifold. */
  samples?: number;
  /** Random dimensions that layers with more units are projected onto, 5000 as the notebook; default: none, exact. */
  projection?: number;
  /** Random halves of the examples that give `exampleErrors`; 0 for none. */
  resamples?: number;
  /** Of the choice of examples, the t-vectors, the center problem's starts and the projection. */
  seed?: number;
}

/** One layer's figures, its classes in the order of `labels`. */
export type GeometryAnswer = Omit<LayerGeometry, 'warmStart' | 'exampleErrors'> & {
  step: number;
  exampleErrors?: ExampleErrors;
};

export const MOST_EXAMPLES = 1000;
const MOST_KEPT = 400;

/** Geometry's settings with their defaults, checked. */
export type CheckedGeometry = Required<Omit<GeometryOptions, 'projection' | 'indices'>> &
  Pick<GeometryOptions, 'projection' | 'indices'>;

/** @throws with the name of whatever is wrong, and what to give instead. */
export function checkGeometry(
  { network }: Pick<LabState, 'network'>,
  {
    layers = analyzedLayers(network),
    split = 'train',
    examplesPerClass = 50,
    indices,
    kappa = 0,
    samples = 300,
    projection,
    resamples = 0,
    seed = 0,
  }: GeometryOptions = {},
): CheckedGeometry {
  const caller = 'geometry';
  if (!Array.isArray(layers) || layers.length === 0) {
    throw new Error(`${caller}: expected a list of at least one layer, found ${String(layers) || 'none'}`);
  }
  if (typeof kappa !== 'number' || !Number.isFinite(kappa)) {
    throw new Error(`${caller}: expected a finite kappa, found ${String(kappa)}`);
  }
  return {
    layers: [...new Set(layers.map((layer) => checkLayer(network, layer, caller)))],
    split: checkSplit(split, caller),
    examplesPerClass: checkWhole(
      examplesPerClass,
      [resamples > 0 ? 4 : 2, MOST_EXAMPLES],
      `${caller}: expected examples per class`,
    ),
    indices,
    kappa,
    samples: checkWhole(samples, [2, 100_000], `${caller}: expected samples (t-vectors)`),
    projection:
      projection === undefined
        ? undefined
        : checkWhole(projection, [2, 100_000], `${caller}: expected projection dimensions`),
    resamples: resamples === 0 ? 0 : checkWhole(resamples, [2, 1000], `${caller}: expected resamples (or 0)`),
    seed: checkWhole(seed, [0, 2 ** 32 - 1], `${caller}: expected a seed`),
  };
}

/** The images that checked settings mean. */
export function selectForGeometry({ data }: Pick<LabState, 'data'>, settings: CheckedGeometry): Selection {
  const caller = 'geometry';
  if (!data) throw new Error(`${caller}: expected the data set first; await lab.ready`);
  const { split, indices, examplesPerClass, seed } = settings;
  if (!indices) return selectPerClass(data, split, { examplesPerClass, seed }, caller);
  const selection = selectIndices(data, split, indices, caller);
  if (new Set(selection.labels).size < 2) {
    throw new Error(`${caller}: expected indices of images of at least two classes, found one class only`);
  }
  return selection;
}

/** Manifold geometry by layer, as scripts ask for it and panels build on it. */
export interface GeometryQuestion {
  geometry(
    options?: GeometryOptions & Watched & { at?: Moment | 'best' },
  ): Promise<Record<string, GeometryAnswer>>;
  /** The same for a moment at hand. */
  geometryOf(moment: LabMoment, options?: GeometryOptions & Watched): Promise<Record<string, GeometryAnswer>>;
}

interface Parts {
  pool: GeometryPool;
  getState(): LabState;
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
}

export function createGeometryQuestion({ pool, getState, momentAt }: Parts): GeometryQuestion {
  const kept = new Map<string, LayerGeometry>();

  async function answer(question: LayerQuestion, watched: Watched): Promise<LayerGeometry> {
    const key = answerKey(question);
    const found = kept.get(key) ?? (await analyzeLayer(pool, question, [], watched));
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(key, found);
    return found;
  }

  async function geometryOf(
    { step, ...moment }: LabMoment,
    { signal, onProgress, ...options }: GeometryOptions & Watched = {},
  ): Promise<Record<string, GeometryAnswer>> {
    const settings = checkGeometry(getState(), options);
    const selection = selectForGeometry(getState(), settings);
    const fractions = new Map<string, number>();
    const report = (layer: string, fraction: number) => {
      fractions.set(layer, fraction);
      const sum = [...fractions.values()].reduce((total, one) => total + one, 0);
      onProgress?.({ fraction: sum / settings.layers.length });
    };
    // One layer that fails ends the others.
    const controller = new AbortController();
    const own = signal ? AbortSignal.any([signal, controller.signal]) : controller.signal;
    try {
      const answers = await Promise.all(
        settings.layers.map(async (layer) => {
          const found = await answer(
            { moment, selection, settings, layer },
            { signal: own, onProgress: ({ fraction }) => report(layer, fraction) },
          );
          report(layer, 1);
          const { warmStart, ...figures } = structuredClone(found);
          return [layer, { ...figures, step }] as const;
        }),
      );
      return Object.fromEntries(answers);
    } finally {
      controller.abort();
    }
  }

  return {
    async geometry({ at = 'live', ...options } = {}) {
      // Invalid options are reported before the moment is fetched.
      checkGeometry(getState(), options);
      return geometryOf(await momentAt(at), options);
    },
    geometryOf,
  };
}

export interface LayerQuestion {
  moment: NetworkMoment;
  selection: Selection;
  settings: CheckedGeometry;
  layer: string;
}

/** One layer's geometry on one of the pool's workers. */
export function analyzeLayer(
  pool: GeometryPool,
  question: LayerQuestion,
  warmStart: Matrix[],
  watched: Watched,
): Promise<LayerGeometry> {
  const { kappa, samples, resamples } = question.settings;
  return pool.analyze({ job: jobOf(question), kappa, samples, resamples, warmStart }, watched);
}

export function jobOf({ moment, selection, settings, layer }: LayerQuestion) {
  const { images, labels } = selection;
  const { projection, seed } = settings;
  return { moment, images, labels, layer, projection, seed };
}

/** Equal for questions with the same answer. The input layer is the same at every moment. */
function answerKey({ moment, selection, settings, layer }: LayerQuestion): string {
  const { split, indices } = selection;
  const { kappa, samples, projection, resamples, seed } = settings;
  const when = layer === 'input' ? 'any' : moment.key;
  return JSON.stringify([when, layer, kappa, samples, projection, resamples, seed, split, [...indices]]);
}
