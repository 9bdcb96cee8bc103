import { CallError } from '../../ml/callError.ts';
import { type Augmentation, checkAugmentation } from '../../ml/data/augment.ts';
import type { Split } from '../../ml/data/dataset.ts';
import {
  CENTER_RULES,
  type CenterRule,
  DEFAULT_RESTARTS,
  ENSEMBLES,
  type Ensemble,
} from '../../ml/geometry/index.ts';
import { analyzedLayers, checkLayer } from '../ask/layers.ts';
import { checkSplit, checkWhole, DRAWS, type Draw, LEAST_EXAMPLES } from '../ask/selection.ts';
import type { LabState } from '../state/state.ts';
import { ESTIMATORS, type Estimator } from './estimators.ts';

export interface GeometryOptions {
  /**
   * Adds `glue` or `simulation` to the answer's mean-field figures. Default: mean-field figures alone.
   */
  estimator?: Estimator;
  /**
   * GLUE's labelings of the classes. `uniform`, the default: all except the two that give all classes the same sign.
   * `balanced`: half of the classes +1, the other half -1. `oneVersusRest`: one class against the others.
   */
  ensemble?: Ensemble;
  /** Whether GLUE subtracts the mean of all points first. Default: true. */
  center?: boolean;
  /** Default: every layer except flatten, dropout and log-softmax. */
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

export const MOST_EXAMPLES = 1000;
export const MOST_RESTARTS = 1000;
/** Maximum number of image indices in the panel, a link or a file. */
export const MOST_INDICES = 1000;
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
      [resamples > 0 ? LEAST_EXAMPLES : 2, MOST_EXAMPLES],
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
