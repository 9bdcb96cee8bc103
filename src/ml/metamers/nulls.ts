import { CallError } from '../callError.ts';
import type { Engine } from '../engines/engine.ts';
import { shapeAt, sizeOf } from '../model/network.ts';
import { Mt19937 } from '../random/mt19937.ts';
import { classify, comparedLayers, vectorsAt } from './activations.ts';
import { type Match, MEASURES, match, type PreparedVector, quantile } from './statistics.ts';

/** A metamer must match better than this share of the pairs of different images. */
const NULL_SHARE = 0.999;
/** Each image is compared with this many following images, cyclically. */
const PARTNERS = 20;
const RESAMPLES = 100;

/** Pairs of different images that pass a metamer's test: all measures above the thresholds, and the same class. */
export interface NaturalPairs {
  passingPairs: number;
  /** Images in these pairs. */
  passingImages: number;
}

/** Matches between pairs of different images at each layer. */
export interface NullDistribution {
  images: number;
  pairs: number;
  /** By layer: the sorted values of every measure. */
  layers: Record<string, Record<keyof Match, Float64Array>>;
  /** The 99.9 % quantiles. */
  thresholds: Record<string, Match>;
  /** The standard errors of the quantiles (bootstrap over images). */
  errors: Record<string, Match>;
  natural: Record<string, NaturalPairs>;
}

interface Pairs {
  /** Indices of the two images of each pair. */
  first: Int32Array;
  second: Int32Array;
}

/**
 * Measures how well activations of different images match each other, which a metamer must exceed (Feather et al.
 * 2023). Compares all pairs of up to 41 images; with more images, each image with the 20 that follow it.
 * @param images [m, pixels], m at least 2.
 */
export async function nullDistribution(engine: Engine, images: Float32Array): Promise<NullDistribution> {
  const count = images.length / sizeOf(shapeAt(engine.network, 'input'));
  if (!Number.isInteger(count) || count < 2) {
    throw new CallError('nullDistribution', `expected at least 2 whole images, found ${count}`);
  }
  const pairs = pairsOf(count);
  const classes = (await classify(engine, images)).map(({ prediction }) => prediction);
  const nulls: NullDistribution = {
    images: count,
    pairs: pairs.first.length,
    layers: {},
    thresholds: {},
    errors: {},
    natural: {},
  };
  for (const layer of comparedLayers(engine)) {
    const found = await matchesAt(engine, images, layer, count);
    const sorted = measured((measure) => found[measure].toSorted());
    nulls.layers[layer] = sorted;
    nulls.thresholds[layer] = measured((measure) => quantile(sorted[measure], NULL_SHARE));
    nulls.errors[layer] = measured((measure) => errorOf(found[measure], pairs, count));
    nulls.natural[layer] = passing(found, nulls.thresholds[layer], pairs, classes);
  }
  return nulls;
}

function measured<Value>(of: (measure: keyof Match) => Value): Record<keyof Match, Value> {
  return { spearman: of('spearman'), pearson: of('pearson'), snr: of('snr') };
}

/** Pairs of each image with the following ones, in the order of `matchesAt`. */
function pairsOf(count: number): Pairs {
  const all = count <= 2 * PARTNERS + 1;
  const [first, second]: [number[], number[]] = [[], []];
  for (let i = 0; i < count; i++) {
    const partners = all ? count - 1 - i : PARTNERS;
    for (let k = 1; k <= partners; k++) {
      first.push(i);
      second.push((i + k) % count);
    }
  }
  return { first: Int32Array.from(first), second: Int32Array.from(second) };
}

/**
 * Matches of all pairs. Holds the vectors of only a few images at a time: those of 500 at a convolution take 200 MB.
 */
async function matchesAt(
  engine: Engine,
  images: Float32Array,
  layer: string,
  count: number,
): Promise<Record<keyof Match, Float64Array>> {
  const { first, second } = pairsOf(count);
  const pixels = images.length / count;
  const found = measured(() => new Float64Array(first.length));
  const chunk = 2 * PARTNERS + 1;
  const known = new Map<number, PreparedVector>();
  const load = async (from: number) => {
    const to = Math.min(count, from + chunk);
    const vectors = await vectorsAt(engine, images.subarray(from * pixels, to * pixels), layer);
    for (const [i, vector] of vectors.entries()) known.set(from + i, vector);
  };
  let loaded = 0;
  for (let pair = 0; pair < first.length; pair++) {
    const [i, j] = [first[pair], second[pair]];
    while (Math.max(i, j) >= loaded) {
      await load(loaded);
      loaded += chunk;
    }
    const [a, b] = [known.get(i), known.get(j)];
    if (!a || !b) throw new CallError('nullDistribution', `expected the vectors of images ${i} and ${j}`);
    const matched = match(a, b);
    for (const measure of MEASURES) found[measure][pair] = matched[measure];
    // The first vectors are partners of the last images; the others are not needed again.
    if (count > chunk && i >= PARTNERS && first[pair + 1] !== i) known.delete(i);
  }
  return found;
}

/**
 * The threshold's standard deviation over bootstrap draws of the images; a pair's weight is the product of its
 * images' counts.
 */
function errorOf(matches: Float64Array, { first, second }: Pairs, count: number): number {
  const order = [...matches.keys()].sort((a, b) => matches[b] - matches[a]);
  const random = new Mt19937(1);
  const thresholds = Array.from({ length: RESAMPLES }, () => {
    const times = new Int32Array(count);
    for (let i = 0; i < count; i++) times[random.random() % count]++;
    const weight = (pair: number) => times[first[pair]] * times[second[pair]];
    let total = 0;
    for (let pair = 0; pair < matches.length; pair++) total += weight(pair);
    let above = 0;
    const at = order.find((pair) => {
      above += weight(pair);
      return above > (1 - NULL_SHARE) * total;
    });
    return matches[at ?? order[0]];
  });
  const mean = thresholds.reduce((sum, value) => sum + value, 0) / RESAMPLES;
  return Math.sqrt(thresholds.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (RESAMPLES - 1));
}

function passing(
  found: Record<keyof Match, Float64Array>,
  threshold: Match,
  { first, second }: Pairs,
  classes: readonly number[],
): NaturalPairs {
  const images = new Set<number>();
  let passingPairs = 0;
  for (let pair = 0; pair < first.length; pair++) {
    const [i, j] = [first[pair], second[pair]];
    if (classes[i] !== classes[j]) continue;
    if (!MEASURES.every((measure) => found[measure][pair] > threshold[measure])) continue;
    passingPairs++;
    images.add(i).add(j);
  }
  return { passingPairs, passingImages: images.size };
}
