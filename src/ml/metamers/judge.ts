import { CallError } from '../callError.ts';
import type { Engine } from '../engines/engine.ts';
import { shapeAt, sizeOf } from '../model/network.ts';
import { type Classification, classify, comparedLayer, comparedLayers, vectorsAt } from './activations.ts';
import type { NaturalPairs, NullDistribution } from './nulls.ts';
import { type Match, MEASURES, match, pearson } from './statistics.ts';
import { structuralSimilarity } from './structuralSimilarity.ts';

export interface LayerJudgement {
  layer: string;
  match: Match;
  /** The match to exceed: the null distribution's 99.9 % quantile. */
  threshold: Match;
  /** The threshold's standard error over draws of the images; not recorded in earlier findings. */
  thresholdError?: Match;
  /** Whether each measure exceeds it. */
  outside: Record<keyof Match, boolean>;
  /** Number of pairs of different images that match at least as well. */
  reachedBy?: Match;
}

export interface Judgement {
  /** At every layer of the network, the input first. */
  layers: LayerJudgement[];
  /** Pearson's correlation of the pixels. */
  pixelCorrelation: number;
  /** Structural similarity with the metamer clipped to [0, 1], as displayed. */
  similarity: number;
  reference: Classification;
  metamer: Classification;
  /**
   * Whether the image is a metamer for this network: above the null distribution in every measure at its layer, and of the
   * same class.
   */
  isMetamer: boolean;
  /** Reasons for failing, in words; empty for a metamer. */
  failures: string[];
  /**
   * The different images behind the thresholds, and the number of their pairs that pass the same test at the layer.
   */
  nulls?: { images: number; pairs: number } & NaturalPairs;
}

export interface JudgeOptions {
  layer: string;
  nulls: NullDistribution;
  classNames?: readonly string[];
}

/**
 * Judges metamers [n, pixels] of references [n, pixels] as the engine's network sees them, which may differ from the
 * network that they were made with.
 * @param layer the layer they were made to match.
 * @param nulls of the same network.
 * @param classNames the classes' names in `failures`. Default: their numbers.
 */
export async function judgeMetamers(
  engine: Engine,
  references: Float32Array,
  metamers: Float32Array,
  { layer: matched, nulls, classNames = [] }: JudgeOptions,
): Promise<Judgement[]> {
  const pixels = sizeOf(shapeAt(engine.network, 'input'));
  const count = references.length / pixels;
  if (!Number.isInteger(count) || metamers.length !== references.length) {
    throw new CallError(
      'judgeMetamers',
      `expected as many metamers as references, of ${pixels} pixels each, found ${metamers.length} and ${references.length} pixels`,
    );
  }
  const layer = comparedLayer(engine, matched);
  if (!Object.hasOwn(nulls.layers, layer)) {
    throw new CallError(
      'judgeMetamers',
      `expected a layer among ${Object.keys(nulls.layers).join(', ')}, found "${layer}"`,
    );
  }
  const layers: LayerJudgement[][] = Array.from({ length: count }, () => []);
  for (const name of comparedLayers(engine)) {
    const wanted = await vectorsAt(engine, references, name);
    const reached = await vectorsAt(engine, metamers, name);
    for (let i = 0; i < count; i++) {
      layers[i].push(judgeLayer(name, match(wanted[i], reached[i]), nulls));
    }
  }
  const classesOfReferences = await classify(engine, references);
  const classesOfMetamers = await classify(engine, metamers);
  const nameOf = (label: number) => classNames[label] ?? label;
  return layers.map((judged, i) => {
    const reference = references.subarray(i * pixels, (i + 1) * pixels);
    const metamer = metamers.subarray(i * pixels, (i + 1) * pixels);
    const failures = matchFailures(judged, layer);
    const [wanted, found] = [classesOfReferences[i].prediction, classesOfMetamers[i].prediction];
    if (wanted !== found) {
      failures.push(`the network sees class ${nameOf(found)}, not the reference's ${nameOf(wanted)}`);
    }
    return {
      layers: judged,
      pixelCorrelation: pearson(reference, metamer),
      similarity: structuralSimilarity(reference, metamer.map(clip), engine.network.input),
      reference: classesOfReferences[i],
      metamer: classesOfMetamers[i],
      isMetamer: failures.length === 0,
      failures,
      nulls: { images: nulls.images, pairs: nulls.pairs, ...nulls.natural[layer] },
    };
  });
}

function judgeLayer(layer: string, found: Match, nulls: NullDistribution): LayerJudgement {
  const sorted = nulls.layers[layer];
  const threshold = nulls.thresholds[layer];
  const exceeds = (measure: keyof Match) => found[measure] > threshold[measure];
  const reached = (measure: keyof Match) => countFrom(sorted[measure], found[measure]);
  return {
    layer,
    match: found,
    threshold,
    thresholdError: nulls.errors[layer],
    reachedBy: { spearman: reached('spearman'), pearson: reached('pearson'), snr: reached('snr') },
    outside: { spearman: exceeds('spearman'), pearson: exceeds('pearson'), snr: exceeds('snr') },
  };
}

/** The number of sorted values that are at least this. */
function countFrom(sorted: Float64Array, value: number): number {
  const below = sorted.findIndex((each) => each >= value);
  return below < 0 ? 0 : sorted.length - below;
}

function matchFailures(judged: LayerJudgement[], layer: string): string[] {
  const failures: string[] = [];
  for (const { match: found, threshold, outside } of judged.filter((each) => each.layer === layer)) {
    for (const measure of MEASURES) {
      if (!outside[measure]) {
        const [is, needed] = [found[measure], threshold[measure]].map((value) => value.toFixed(3));
        failures.push(
          `${NAMES[measure]} at ${layer} is ${is}, within what different images reach (${needed})`,
        );
      }
    }
  }
  return failures;
}

const NAMES: Record<keyof Match, string> = {
  spearman: 'Spearman correlation',
  pearson: 'Pearson correlation',
  snr: 'SNR in dB',
};

/** The images clipped to [0, 1]; undefined if no pixel lies outside. */
export function clippedToUnit(images: Float32Array): Float32Array | undefined {
  const clipped = images.map(clip);
  return clipped.every((pixel, i) => pixel === images[i]) ? undefined : clipped;
}

function clip(pixel: number): number {
  return Math.min(1, Math.max(0, pixel));
}
