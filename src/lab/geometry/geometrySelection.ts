import { CallError } from '../../ml/callError.ts';
import { type Augmentation, viewsOf } from '../../ml/data/augment.ts';
import { type DataSet, pixelCount } from '../../ml/data/dataset.ts';
import type { ResampleKind } from '../../ml/geometry/index.ts';
import type { ResampleDraw } from '../../workers/geometryProtocol.ts';
import { type Selection, selectIndices, selectPerClass, selectRandomly } from '../ask/selection.ts';
import type { LabState } from '../state/state.ts';
import type { AnalysisSettings, CheckedGeometry } from './geometrySettings.ts';

const caller = 'geometry';

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
  if (!data) throw new CallError(caller, 'expected the data set first; await lab.ready');
  return data;
}

/** Other images, for the errors over images. */
export interface Redraws {
  kind: ResampleKind;
  draws: ResampleDraw[];
}

/**
 * Draws other images of the same classes, as many of each, from the whole split. The draw is independent of the first and
 * the same for every layer and moment. Random halves of the images are used instead if the split has fewer than twice as
 * many images of a class, or if indices were given, because the population of given images is unknown.
 */
export function redrawsFor(
  { data }: Pick<LabState, 'data'>,
  settings: CheckedGeometry,
  selection: Selection,
): Redraws {
  const { split, augment, examplesPerClass } = settings;
  const loaded = loadedData(data);
  // For views, other images are drawn, one for each class.
  const all = countByLabel(selection.labels);
  const counts = augment ? new Map([...all.keys()].map((label): [number, number] => [label, 1])) : all;
  const { kind, seeds } = planRedraws(loaded[split].labels, counts, settings);
  const draws = seeds.map((seed): ResampleDraw => {
    if (kind === 'halves') return { seed };
    const drawn = selectRandomly(loaded, split, { counts, seed }, caller);
    const { images, labels } = augment ? withViews(loaded, drawn, augment, examplesPerClass) : drawn;
    return { seed, drawn: { images, labels } };
  });
  return { kind, draws };
}

/**
 * The kind of the resamples and the seed of each, for an analysis of `counts` images of each class among the images with
 * these labels.
 */
export function planRedraws(
  labels: ArrayLike<number>,
  counts: ReadonlyMap<number, number>,
  { indices, resamples, seed }: Pick<AnalysisSettings, 'indices' | 'resamples' | 'seed'>,
): { kind: ResampleKind; seeds: number[] } {
  const available = countByLabel(labels);
  const isPlenty = [...counts].every(([label, count]) => (available.get(label) ?? 0) >= 2 * count);
  const kind = indices === undefined && isPlenty ? 'redraws' : 'halves';
  return {
    kind,
    seeds: Array.from({ length: resamples }, (_, i) => (seed + (i + 1) * REDRAW_STRIDE) % 2 ** 32),
  };
}

/** Keeps the seeds of redraws distinct from each other and from small seeds that people choose. */
const REDRAW_STRIDE = 1_000_003;

/** Counts by label, in order of first appearance. */
export function countByLabel(labels: ArrayLike<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) counts.set(labels[i], (counts.get(labels[i]) ?? 0) + 1);
  return counts;
}
