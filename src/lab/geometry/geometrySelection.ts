import { CallError } from '../../ml/callError.ts';
import { type Augmentation, viewsOf } from '../../ml/data/augment.ts';
import { type DataSet, pixelCount } from '../../ml/data/dataset.ts';
import type { ResampleKind } from '../../ml/geometry/index.ts';
import type { ResampleDraw } from '../../workers/geometryProtocol.ts';
import { type Selection, selectIndices, selectPerClass, selectRandomly } from '../ask/selection.ts';
import type { LabState } from '../state/state.ts';
import type { CheckedGeometry } from './geometrySettings.ts';

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
