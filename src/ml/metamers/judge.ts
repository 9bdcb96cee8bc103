import { CallError } from '../callError.ts';
import type { Engine } from '../engines/engine.ts';
import { argmax } from '../evaluation/evaluate.ts';
import { layerShapes, shapeAt, sizeOf } from '../model/network.ts';
import {
  type Match,
  MEASURES,
  match,
  type PreparedVector,
  pearson,
  prepareVector,
  quantile,
} from './statistics.ts';
import { structuralSimilarity } from './structuralSimilarity.ts';

/** A metamer must match better than this share of the pairs of different images. */
const NULL_SHARE = 0.999;

/** Matches of all pairs of different images at each layer, every measure sorted. */
export interface NullDistribution {
  /** Number of pairs of different images. */
  pairs: number;
  layers: Record<string, Record<keyof Match, Float64Array>>;
}

export interface LayerJudgement {
  layer: string;
  match: Match;
  /** The match to exceed: the null distribution's 99.9 % quantile. */
  threshold: Match;
  /** Whether each measure exceeds it. */
  outside: Record<keyof Match, boolean>;
}

export interface Classification {
  prediction: number;
  probabilities: Float64Array;
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
}

/**
 * The match between activations of different images, which a metamer must exceed (Feather et al. 2023).
 * @param images [m, pixels], m at least 2; all m (m - 1) / 2 pairs are compared.
 */
export async function nullDistribution(engine: Engine, images: Float32Array): Promise<NullDistribution> {
  const count = images.length / sizeOf(shapeAt(engine.network, 'input'));
  if (!Number.isInteger(count) || count < 2) {
    throw new CallError('nullDistribution', `expected at least 2 whole images, found ${count}`);
  }
  const pairs = (count * (count - 1)) / 2;
  const layers: NullDistribution['layers'] = {};
  for (const layer of comparedLayers(engine)) {
    const vectors = await vectorsAt(engine, images, layer);
    const measures = Object.fromEntries(
      MEASURES.map((measure) => [measure, new Float64Array(pairs)]),
    ) as Record<keyof Match, Float64Array>;
    let pair = 0;
    for (let i = 0; i < count; i++) {
      for (let j = i + 1; j < count; j++) {
        const found = match(vectors[i], vectors[j]);
        for (const measure of MEASURES) {
          measures[measure][pair] = found[measure];
        }
        pair += 1;
      }
    }
    for (const measure of MEASURES) {
      measures[measure].sort();
    }
    layers[layer] = measures;
  }
  return { pairs, layers };
}

/**
 * Judges metamers [n, pixels] of references [n, pixels] as the engine's network sees them, which may differ from the
 * network that they were made with.
 * @param layer the layer they were made to match.
 * @param nulls of the same network.
 */
export async function judgeMetamers(
  engine: Engine,
  references: Float32Array,
  metamers: Float32Array,
  { layer, nulls }: { layer: string; nulls: NullDistribution },
): Promise<Judgement[]> {
  const pixels = sizeOf(shapeAt(engine.network, 'input'));
  const count = references.length / pixels;
  if (!Number.isInteger(count) || metamers.length !== references.length) {
    throw new CallError(
      'judgeMetamers',
      `expected as many metamers as references, of ${pixels} pixels each, found ${metamers.length} and ${references.length} pixels`,
    );
  }
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
  return layers.map((judged, i) => {
    const reference = references.subarray(i * pixels, (i + 1) * pixels);
    const metamer = metamers.subarray(i * pixels, (i + 1) * pixels);
    const failures = failuresOf(judged, layer, classesOfReferences[i], classesOfMetamers[i]);
    return {
      layers: judged,
      pixelCorrelation: pearson(reference, metamer),
      similarity: structuralSimilarity(reference, metamer.map(clip), engine.network.input),
      reference: classesOfReferences[i],
      metamer: classesOfMetamers[i],
      isMetamer: failures.length === 0,
      failures,
    };
  });
}

/** Class and probabilities of each image [n, pixels]; the network must end in logSoftmax. */
async function classify(engine: Engine, images: Float32Array): Promise<Classification[]> {
  const output = engine.network.layers.at(-1);
  if (output?.kind !== 'logSoftmax') {
    throw new CallError(
      'classify',
      `expected a network that ends in logSoftmax, found ${output?.kind ?? 'no layers'}`,
    );
  }
  const scores = await engine.forward(images, output.name);
  return splitRows(scores, sizeOf(shapeAt(engine.network, output.name))).map((row) => ({
    prediction: argmax(row),
    probabilities: Float64Array.from(row, Math.exp),
  }));
}

function judgeLayer(layer: string, found: Match, nulls: NullDistribution): LayerJudgement {
  const sorted = nulls.layers[layer];
  const threshold: Match = {
    spearman: quantile(sorted.spearman, NULL_SHARE),
    pearson: quantile(sorted.pearson, NULL_SHARE),
    snr: quantile(sorted.snr, NULL_SHARE),
  };
  const exceeds = (measure: keyof Match) => found[measure] > threshold[measure];
  return {
    layer,
    match: found,
    threshold,
    outside: { spearman: exceeds('spearman'), pearson: exceeds('pearson'), snr: exceeds('snr') },
  };
}

function failuresOf(
  judged: LayerJudgement[],
  layer: string,
  reference: Classification,
  metamer: Classification,
): string[] {
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
  if (reference.prediction !== metamer.prediction) {
    failures.push(
      `the network sees class ${metamer.prediction}, not the reference's ${reference.prediction}`,
    );
  }
  return failures;
}

const NAMES: Record<keyof Match, string> = {
  spearman: 'Spearman correlation',
  pearson: 'Pearson correlation',
  snr: 'SNR in dB',
};

/** All layers except `flatten`, whose values equal the previous layer's. */
function comparedLayers({ network }: Engine): string[] {
  return layerShapes(network)
    .map(({ name }) => name)
    .filter((name) => network.layers.find((layer) => layer.name === name)?.kind !== 'flatten');
}

async function vectorsAt(engine: Engine, images: Float32Array, layer: string): Promise<PreparedVector[]> {
  const activations = await engine.forward(images, layer);
  return splitRows(activations, sizeOf(shapeAt(engine.network, layer))).map(prepareVector);
}

function splitRows(values: Float32Array, columns: number): Float32Array[] {
  return Array.from({ length: values.length / columns }, (_, row) =>
    values.subarray(row * columns, (row + 1) * columns),
  );
}

function clip(pixel: number): number {
  return Math.min(1, Math.max(0, pixel));
}
