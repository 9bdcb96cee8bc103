import { CallError } from '../../ml/callError.ts';
import type { Split } from '../../ml/data/dataset.ts';
import { analyzedLayers, checkLayer } from '../ask/layers.ts';
import { checkSplit, checkWhole, selectIndices } from '../ask/selection.ts';
import type { Watched } from '../ask/watched.ts';
import type { GeometryPool } from '../geometry/geometryPool.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import type { Comparison } from './comparison.ts';

export interface SimilarityOptions extends Watched {
  /** Compare these layers at one moment. Default: every layer except flatten, dropout and log-softmax. */
  layers?: readonly string[];
  at?: Moment | 'best';
  /** Compare one layer with itself at these moments instead, whose units are the same. */
  moments?: readonly (Moment | 'best')[];
  layer?: string;
  /** Compare the layers with those of the run chosen in Runs, at its moment nearest to `at`. */
  compared?: boolean;
  split?: Split;
  /** Number of images, the first of the split. Default 200. */
  count?: number;
}

export interface Similarity {
  /** The step of the layers; of several moments the last. */
  step: number;
  /** The step of the compared run. */
  theirStep?: number;
  /** What each row and column stands for. */
  rows: string[];
  columns: string[];
  /** Debiased linear CKA, row-major; NaN where a layer has no structure beyond noise. */
  values: Float64Array;
}

export interface SimilarityQuestion {
  /** How alike layers, moments of a layer, or the layers of two runs treat the same images. */
  similarity(options?: SimilarityOptions): Promise<Similarity>;
}

interface Parts {
  pool: Pick<GeometryPool, 'similarity'>;
  comparison: Pick<Comparison, 'networkNear'>;
  getState(): LabState;
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
}

const caller = 'similarity';
const MOST_IMAGES = 1000;
/** Activations of all parts are in memory at once. */
const MOST_PARTS = 24;

export function createSimilarityQuestion(parts: Parts): SimilarityQuestion {
  const { comparison, getState, momentAt } = parts;
  return {
    async similarity(options = {}) {
      const { network } = getState();
      const { layers = analyzedLayers(network), at = 'live', moments, layer, compared = false } = options;
      if (moments) {
        const known = checkLayer(network, layer ?? layers[layers.length - 1], caller);
        const found = await Promise.all(moments.map((each) => momentAt(each)));
        const moved = found.map((moment) => ({ name: `step ${moment.step}`, layer: known, moment }));
        const names = moved.map(({ name }) => name);
        const step = Math.max(...found.map((moment) => moment.step));
        return {
          step,
          rows: names,
          columns: names,
          values: await ask(parts, moved, { ...options, sharedUnits: true }),
        };
      }
      const shown = await momentAt(at);
      const { step } = shown;
      const own = partsOf(
        shown,
        layers.map((each) => checkLayer(network, each, caller)),
      );
      const rows = own.map(({ name }) => name);
      if (!compared) return { step, rows, columns: rows, values: await ask(parts, own, options) };
      const other = await comparison.networkNear(step);
      const theirs = partsOf(other, analyzedLayers(other.network));
      const all = await ask(parts, [...own, ...theirs], options);
      const size = own.length + theirs.length;
      const values = Float64Array.from({ length: own.length * theirs.length }, (_, i) => {
        const [row, column] = [Math.floor(i / theirs.length), i % theirs.length];
        return all[row * size + own.length + column];
      });
      return { step, theirStep: other.step, rows, columns: theirs.map(({ name }) => name), values };
    },
  };
}

/** A representation to compare. */
interface Part {
  name: string;
  layer: string;
  moment: LabMoment;
}

/** Similarities of all pairs, row-major. `sharedUnits` says that all parts have the same units. */
async function ask(
  { pool, getState }: Pick<Parts, 'pool' | 'getState'>,
  parts: readonly Part[],
  {
    split = 'train',
    count = 200,
    sharedUnits = false,
    ...watched
  }: SimilarityOptions & { sharedUnits?: boolean },
): Promise<Float64Array> {
  const { data } = getState();
  if (!data) throw new CallError(caller, 'expected the data set first; await lab.ready');
  const length = checkWhole(count, [4, MOST_IMAGES], caller, 'count');
  checkWhole(parts.length, [2, MOST_PARTS], caller, 'a number of layers or moments');
  const indices = Int32Array.from({ length }, (_, i) => i);
  const { images, labels } = selectIndices(data, checkSplit(split, caller), indices, caller);
  const asked = parts.map(({ layer, moment: { step: _, ...moment } }) => ({ layer, moment }));
  const { values } = await pool.similarity({ images, labels, parts: asked, sharedUnits }, watched);
  return values;
}

function partsOf(moment: LabMoment, layers: readonly string[]): Part[] {
  return layers.map((layer) => ({ name: layer, layer, moment }));
}
