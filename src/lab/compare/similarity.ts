import { CallError } from '../../ml/callError.ts';
import type { Split } from '../../ml/data/dataset.ts';
import { type NetworkDescription, shapeAt, sizeOf } from '../../ml/model/network.ts';
import { analyzedLayers, checkLayer } from '../ask/layers.ts';
import { checkSplit, selectIndices } from '../ask/selection.ts';
import { checkSimilarity, type SimilarityMatrix } from '../ask/similarityMatrix.ts';
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
  /** Number of images, the first of the split. Default 200, or all images if there are fewer. */
  count?: number;
}

export interface Similarity extends SimilarityMatrix {
  /** The step of the layers; of several moments the last. */
  step: number;
  /** The step of the compared run. */
  theirStep?: number;
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
        return { step: Math.max(...found.map(({ step }) => step)), ...(await ask(parts, moved, options)) };
      }
      const shown = await momentAt(at);
      const { step } = shown;
      const own = partsOf(
        shown,
        layers.map((each) => checkLayer(network, each, caller)),
      );
      if (!compared) return { step, ...(await ask(parts, own, options)) };
      const other = await comparison.networkNear(step);
      const theirs = partsOf(other, analyzedLayers(other.network));
      const all = await ask(parts, [...own, ...theirs], options);
      return { step, theirStep: other.step, ...between(all, own.length) };
    },
  };
}

/** A representation to compare. */
interface Part {
  name: string;
  layer: string;
  moment: LabMoment;
}

/** The similarity of all pairs. */
async function ask(
  { pool, getState }: Pick<Parts, 'pool' | 'getState'>,
  parts: readonly Part[],
  { split = 'train', count, signal, onProgress }: SimilarityOptions,
): Promise<SimilarityMatrix> {
  const { data } = getState();
  if (!data) throw new CallError(caller, 'expected the data set first; await lab.ready');
  const source = checkSplit(split, caller);
  const asked = checkSimilarity(count, parts.length, 'a number of layers or moments');
  const length = Math.min(asked, data[source].count);
  const indices = Int32Array.from({ length }, (_, i) => i);
  const { images, labels } = selectIndices(data, source, indices, caller);
  const compared = parts.map(({ layer, moment: { step: _, ...moment } }) => ({
    ...{ layer, moment },
    units: unitsOf(moment.network, layer),
  }));
  const found = await pool.similarity({ images, labels, parts: compared }, { signal, onProgress });
  const names = parts.map(({ name }) => name);
  return { rows: names, columns: names, count: length, ...found };
}

/** Of the similarity of all parts, the first `own` as rows and the others as columns. */
function between({ rows, count, values, errors }: SimilarityMatrix, own: number): SimilarityMatrix {
  const theirs = rows.length - own;
  const block = (all: Float64Array) =>
    Float64Array.from({ length: own * theirs }, (_, i) => {
      const [row, column] = [Math.floor(i / theirs), own + (i % theirs)];
      return all[row * rows.length + column];
    });
  const [named, others] = [rows.slice(0, own), rows.slice(own)];
  return { rows: named, columns: others, count, values: block(values), errors: block(errors) };
}

function partsOf(moment: LabMoment, layers: readonly string[]): Part[] {
  return layers.map((layer) => ({ name: layer, layer, moment }));
}

/**
 * A name of a layer's units. Layers of two moments or runs with the same name and size count as the same units: pixels and classes
 * are, and so are the units of runs that began alike. For other units the correction only leaves out a few of their products.
 */
function unitsOf(network: NetworkDescription, layer: string): string {
  return `${sizeOf(shapeAt(network, layer))} units of ${layer}`;
}
