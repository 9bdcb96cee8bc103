import { CallError } from '../../ml/callError.ts';
import { type Augmentation, checkAugmentation, viewsOf } from '../../ml/data/augment.ts';
import { type DataSet, pixelCount, type Split } from '../../ml/data/dataset.ts';
import {
  CENTER_RULES,
  type CenterRule,
  DEFAULT_RESTARTS,
  ENSEMBLES,
  type Ensemble,
  type Figures,
  imageErrors,
  RESAMPLE_RESTARTS,
  RESAMPLE_SAMPLES,
  type ResampleKind,
} from '../../ml/geometry/index.ts';
import type { Matrix } from '../../ml/linear/matrix.ts';
import { shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { LayerGeometry, ResampleDraw } from '../../workers/geometryProtocol.ts';
import type { NetworkMoment } from '../../workers/protocol.ts';
import {
  analyzedLayers,
  checkLayer,
  checkSplit,
  checkWhole,
  DRAWS,
  type Draw,
  type Selection,
  selectIndices,
  selectPerClass,
  selectRandomly,
} from '../ask/selection.ts';
import type { Watched } from '../ask/watched.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import { ESTIMATORS, type Estimator, estimateFurther, resampleGlue } from './estimators.ts';
import type { GeometryPool } from './geometryPool.ts';

export interface GeometryOptions {
  /**
   * Adds `glue` or `simulation` to the answer's mean-field figures. Default: mean-field figures alone.
   */
  estimator?: Estimator;
  /** GLUE's labelings: any but the constant ones, as many of either sign, or one class against the others. */
  ensemble?: Ensemble;
  /** Whether GLUE subtracts the mean of all points first. Default: true. */
  center?: boolean;
  /** Default: every layer but flatten and log-softmax. */
  layers?: readonly string[];
  split?: Split;
  /** The draw of images: the notebook's (numpy's seed 0), or random by `seed`. Default: the notebook's. */
  draw?: Draw;
  examplesPerClass?: number;
  /** Use these images instead of a draw, grouped by label in order of first appearance. */
  indices?: ArrayLike<number>;
  /** Make each manifold of views of one image, rotated or sheared over a range, instead of images of a class. */
  augment?: Augmentation;
  /** Margin, in units of the center's norm. */
  kappa?: number;
  /** Gaussian t-vectors per manifold. */
  samples?: number;
  /** Project layers with more units onto this many random dimensions (5000 in the notebook). Default: no projection. */
  projection?: number;
  /** Number of redraws of the images for `exampleErrors`; 0 for none. */
  resamples?: number;
  /** Rule for choosing among local minima of the center problem: lowest cost, or the original code's rule. */
  rule?: CenterRule;
  /** Maximum number of random starts of the center problem per rank. Default 40, or 10 with the original code's rule. */
  restarts?: number;
  /** Seed of the t-vectors, the center problem's starts, the projection, the resamples, and a seeded draw. */
  seed?: number;
}

/** One layer's figures, its classes in the order of `labels`. */
export type GeometryAnswer = Omit<LayerGeometry, 'warmStart' | 'exampleErrors'> & {
  step: number;
  /**
   * Standard errors over the draw of images and the center problem's minima, with the noise of the t-vectors subtracted.
   */
  exampleErrors?: Figures;
};

export const MOST_EXAMPLES = 1000;
export const MOST_RESTARTS = 1000;
/** Maximum number of image indices in the panel, a link or a file. */
export const MOST_INDICES = 1000;
const MOST_KEPT = 400;
const caller = 'geometry';

/** Geometry's settings with their defaults, checked. */
export type CheckedGeometry = Required<Omit<GeometryOptions, 'projection' | 'indices' | 'augment'>> &
  Pick<GeometryOptions, 'projection' | 'indices' | 'augment'>;

/** Settings of an analysis; figures are comparable if these are equal. */
export type AnalysisSettings = Omit<CheckedGeometry, 'layers'>;

/** Fills in defaults. @throws an Error that names the invalid option and what was expected. */
export function checkGeometry(
  { network }: Pick<LabState, 'network'>,
  { layers = analyzedLayers(network), ...options }: GeometryOptions = {},
): CheckedGeometry {
  if (!Array.isArray(layers) || layers.length === 0) {
    throw new CallError(caller, `expected a list of at least one layer, found ${String(layers) || 'none'}`);
  }
  const settings = checkAnalysis(options);
  return { layers: [...new Set(layers.map((layer) => checkLayer(network, layer, caller)))], ...settings };
}

/** As `checkGeometry`, for the settings that any network can have. */
export function checkAnalysis({
  estimator = 'meanField',
  ensemble = 'uniform',
  center = true,
  split = 'train',
  draw = 'notebook',
  examplesPerClass = 50,
  indices,
  kappa = 0,
  samples = 300,
  projection,
  resamples = 10,
  rule = 'lowestCost',
  restarts = DEFAULT_RESTARTS[rule],
  seed = 0,
  augment,
}: Omit<GeometryOptions, 'layers'>): AnalysisSettings {
  if (typeof kappa !== 'number' || !Number.isFinite(kappa)) {
    throw new CallError(caller, `expected a finite kappa, found ${String(kappa)}`);
  }
  if (typeof center !== 'boolean') {
    throw new CallError(caller, `expected center to be true or false, found ${String(center)}`);
  }
  return {
    estimator: checkOneOf(estimator, ESTIMATORS, caller, 'estimator'),
    ensemble: checkOneOf(ensemble, ENSEMBLES, caller, 'ensemble'),
    center,
    split: checkSplit(split, caller),
    draw: checkOneOf(draw, DRAWS, caller, 'draw'),
    examplesPerClass: checkWhole(
      examplesPerClass,
      [resamples > 0 ? 4 : 2, MOST_EXAMPLES],
      caller,
      'examples per class',
    ),
    indices,
    kappa,
    samples: checkWhole(samples, [2, 100_000], caller, 'samples (t-vectors)'),
    projection:
      projection === undefined
        ? undefined
        : checkWhole(projection, [2, 100_000], caller, 'projection dimensions'),
    resamples: resamples === 0 ? 0 : checkWhole(resamples, [2, 1000], caller, 'resamples (or 0)'),
    rule: checkOneOf(rule, CENTER_RULES, caller, 'rule'),
    restarts: checkWhole(restarts, [1, MOST_RESTARTS], caller, 'restarts'),
    seed: checkWhole(seed, [0, 2 ** 32 - 1], caller, 'a seed'),
    ...(augment ? { augment: checkAugmentation(augment) } : {}),
  };
}

function checkOneOf<Text extends string>(
  value: unknown,
  texts: readonly Text[],
  caller: string,
  what: string,
): Text {
  const found = texts.find((text) => text === value);
  if (found === undefined) {
    throw new CallError(caller, `expected ${what} among ${texts.join(', ')}, found "${String(value)}"`);
  }
  return found;
}

/** The images selected by checked settings. */
export function selectForGeometry({ data }: Pick<LabState, 'data'>, settings: CheckedGeometry): Selection {
  const loaded = loadedData(data);
  const { split, indices, draw, examplesPerClass, seed, augment } = settings;
  if (augment) return viewsForGeometry(loaded, settings, augment);
  if (!indices) return selectPerClass(loaded, split, { draw, examplesPerClass, seed }, caller);
  const selection = selectIndices(loaded, split, indices, caller);
  if (new Set(selection.labels).size < 2) {
    throw new CallError(caller, `expected image indices from at least two classes, found one class`);
  }
  return selection;
}

/** One image of every class, or the given ones, each as `examplesPerClass` views. */
function viewsForGeometry(data: DataSet, settings: CheckedGeometry, augment: Augmentation): Selection {
  const { split, indices, draw, examplesPerClass, seed } = settings;
  const one = { draw, examplesPerClass: 1, seed };
  const base = indices
    ? selectIndices(data, split, indices, caller)
    : selectPerClass(data, split, one, caller);
  const classes = new Set(base.labels).size;
  if (classes < 2 || classes < base.labels.length) {
    throw new CallError(
      caller,
      `expected one image for each manifold, of at least two different classes, found ${base.labels.length} images of ${classes} classes`,
    );
  }
  return withViews(data, base, augment, examplesPerClass);
}

/** Views of every image of a selection in place of the images. */
function withViews(data: DataSet, base: Selection, augment: Augmentation, count: number): Selection {
  const shape = data[base.split];
  const pixels = pixelCount(shape);
  const images = new Uint8Array(base.labels.length * count * pixels);
  base.labels.forEach((_, i) => {
    const image = base.images.subarray(i * pixels, (i + 1) * pixels);
    images.set(viewsOf(image, shape, augment, count), i * count * pixels);
  });
  const repeated = (values: ArrayLike<number>) =>
    Array.from({ length: values.length * count }, (__, i) => values[Math.floor(i / count)]);
  return {
    split: base.split,
    indices: Int32Array.from(repeated(base.indices)),
    labels: Uint8Array.from(repeated(base.labels)),
    images,
  };
}

function loadedData(data: DataSet | undefined): DataSet {
  if (!data) throw new CallError('geometry', 'expected the data set first; await lab.ready');
  return data;
}

/** Other images, for the errors over images. */
export interface Redraws {
  kind: ResampleKind;
  draws: ResampleDraw[];
}

/**
 * Draws other images of the same classes, as many of each, from the whole split. The draw is independent of the first and
 * the same for every layer and moment. Random halves of the images are used instead if indices were given, whose population
 * is unknown, or if the split has fewer than twice as many images.
 */
export function redrawsFor(
  { data }: Pick<LabState, 'data'>,
  { split, indices, resamples, seed, augment, examplesPerClass }: CheckedGeometry,
  selection: Selection,
): Redraws {
  const loaded = loadedData(data);
  // Of views, the images behind them are drawn anew.
  const all = countByLabel(selection.labels);
  const counts = augment ? new Map([...all.keys()].map((label): [number, number] => [label, 1])) : all;
  const available = countByLabel(loaded[split].labels);
  const isPlenty = [...counts].every(([label, count]) => (available.get(label) ?? 0) >= 2 * count);
  const kind = indices === undefined && isPlenty ? 'redraws' : 'halves';
  const draws = Array.from({ length: resamples }, (_, i): ResampleDraw => {
    const own = (seed + (i + 1) * REDRAW_STRIDE) % 2 ** 32;
    if (kind === 'halves') return { seed: own };
    const drawn = selectRandomly(loaded, split, { counts, seed: own }, 'geometry');
    const { images, labels } = augment ? withViews(loaded, drawn, augment, examplesPerClass) : drawn;
    return { seed: own, drawn: { images, labels } };
  });
  return { kind, draws };
}

/** Keeps the seeds of redraws distinct from each other and from small seeds that people choose. */
export const REDRAW_STRIDE = 1_000_003;

/** Counts by label, in order of first appearance. */
function countByLabel(labels: ArrayLike<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) counts.set(labels[i], (counts.get(labels[i]) ?? 0) + 1);
  return counts;
}

/** Manifold geometry by layer, for scripts and panels. */
export interface GeometryQuestion {
  geometry(
    options?: GeometryOptions & Watched & { at?: Moment | 'best' },
  ): Promise<Record<string, GeometryAnswer>>;
  /** The same for a given moment. */
  geometryOf(moment: LabMoment, options?: GeometryOptions & Watched): Promise<Record<string, GeometryAnswer>>;
}

interface Parts {
  pool: GeometryPool;
  getState(): LabState;
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
}

export function createGeometryQuestion({ pool, getState, momentAt }: Parts): GeometryQuestion {
  const kept = new Map<string, LayerGeometry>();

  async function answer(question: LayerQuestion, redraws: Redraws, watched: Watched): Promise<LayerGeometry> {
    const key = answerKey(question);
    const found = kept.get(key) ?? (await analyzeWithErrors(pool, question, redraws, watched));
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
    const redraws = redrawsFor(getState(), settings, selection);
    const fractions = new Map<string, number>();
    const report = (layer: string, fraction: number) => {
      fractions.set(layer, fraction);
      const sum = [...fractions.values()].reduce((total, one) => total + one, 0);
      onProgress?.({ fraction: sum / settings.layers.length });
    };
    // If a layer fails, the others are aborted.
    const controller = new AbortController();
    const own = signal ? AbortSignal.any([signal, controller.signal]) : controller.signal;
    try {
      const answers = await Promise.all(
        settings.layers.map(async (layer) => {
          const found = await answer({ moment, selection, settings, layer }, redraws, {
            signal: own,
            onProgress: ({ fraction }) => report(layer, fraction),
          });
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

/** Shares of the time for the mean-field figures: of all figures, and of all errors. */
const MEAN_FIELD_PART = 0.2;

/** Computes a layer's figures on workers of the pool. */
export async function analyzeLayer(
  pool: GeometryPool,
  question: LayerQuestion,
  warmStart: Matrix[],
  { signal, onProgress }: Watched,
): Promise<LayerGeometry> {
  const { kappa, samples, rule, restarts, estimator } = question.settings;
  const job = jobOf(question);
  const part = estimator === 'meanField' ? 1 : MEAN_FIELD_PART;
  const result = await pool.analyze(
    { job, kappa, samples, search: { rule, restarts, warmStart } },
    { signal, onProgress: ({ fraction }) => onProgress?.({ fraction: part * fraction }) },
  );
  const further = await estimateFurther(pool, job, question.settings, result, {
    signal,
    onProgress: ({ fraction }) => onProgress?.({ fraction: part + (1 - part) * fraction }),
  });
  return { ...result, ...further };
}

/** In layers with at most this many units, the t-vectors add as much noise as the images, and samples are cheap. */
const SMALL_LAYER = 100;

/** Number of t-vectors per resample: few, except for small layers. */
export function samplesOfResample(own: number, units: number): number {
  return units <= SMALL_LAYER ? own : Math.min(own, RESAMPLE_SAMPLES);
}

/** Computes the errors over images of a layer's figures, which takes about ten times as long as the figures. */
export async function resampleLayer(
  pool: GeometryPool,
  question: LayerQuestion,
  { kind, draws }: Redraws,
  result: LayerGeometry,
  watched: Watched,
): Promise<LayerGeometry> {
  const { kappa, samples: own, rule, restarts } = question.settings;
  const { network } = question.moment;
  const samples = samplesOfResample(own, sizeOf(shapeAt(network, question.layer)));
  const search = { rule, restarts: Math.min(restarts, RESAMPLE_RESTARTS), warmStart: result.warmStart };
  const job = jobOf(question);
  const { glue } = result;
  const { signal, onProgress } = watched;
  const part = glue ? MEAN_FIELD_PART : 1;
  const resamples = await pool.resample(
    { job, draws, kappa, samples, search },
    { signal, onProgress: ({ fraction }) => onProgress?.({ fraction: part * fraction }) },
  );
  const withErrors = {
    ...result,
    exampleErrors: imageErrors(resamples),
    resampled: { kind, samples, resamples },
  };
  if (!glue) return withErrors;
  const further = { job, draws, kind, samples: Math.min(own, RESAMPLE_SAMPLES) };
  const glueWithErrors = await resampleGlue(pool, further, glue, {
    signal,
    onProgress: ({ fraction }) => onProgress?.({ fraction: part + (1 - part) * fraction }),
  });
  return { ...withErrors, glue: glueWithErrors };
}

/** The figures' share of the time for figures and errors. */
const FIGURES_PART = 0.15;

async function analyzeWithErrors(
  pool: GeometryPool,
  question: LayerQuestion,
  redraws: Redraws,
  { signal, onProgress }: Watched,
): Promise<LayerGeometry> {
  const isAll = question.settings.resamples === 0;
  const part = isAll ? 1 : FIGURES_PART;
  const figures = await analyzeLayer(pool, question, [], {
    signal,
    onProgress: ({ fraction }) => onProgress?.({ fraction: part * fraction }),
  });
  if (isAll) return figures;
  return resampleLayer(pool, question, redraws, figures, {
    signal,
    onProgress: ({ fraction }) => onProgress?.({ fraction: part + (1 - part) * fraction }),
  });
}

export function jobOf({ moment, selection, settings, layer }: LayerQuestion) {
  const { images, labels } = selection;
  const { projection, seed } = settings;
  return { moment, images, labels, layer, projection, seed };
}

/** Equal for questions with the same answer. The input layer's answer is the same at every moment. */
function answerKey({ moment, selection, settings, layer }: LayerQuestion): string {
  const { split, indices } = selection;
  const { layers: _, indices: given, ...others } = settings;
  const when = layer === 'input' ? 'any' : moment.key;
  // Given images are resampled differently from the same images drawn.
  return JSON.stringify([when, layer, others, given !== undefined, split, [...indices]]);
}
