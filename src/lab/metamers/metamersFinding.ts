import {
  boolean,
  checked,
  converted,
  float64s,
  list,
  number,
  oneOf,
  optional,
  record,
  type Schema,
  text,
  type ValueOf,
  variants,
  whole,
} from '../../ml/formats/schema.ts';
import { shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { MetamerAnswer } from '../../workers/protocol.ts';
import type { LabImage } from '../images/labImage.ts';
import { classesOf, doneStep, type Found, layerName, type RunSoFar } from '../state/runSoFar.ts';
import { float32s } from './floatText.ts';
import type { MetamerRecipe } from './recipe.ts';

export interface FoundMetamer {
  layer: string;
  /** Losses of all iterates. */
  losses: readonly number[];
  answer: MetamerAnswer;
}

const LOSS_DIGITS = 7;
const MOST_ITERATIONS = 100_000;
const MOST_STAGES = 10;

const iteration = whole({ max: MOST_ITERATIONS });

const losses = converted(list(number(), MOST_ITERATIONS + 1), {
  read: (values): readonly number[] => values,
  write: (values) => values.map((loss) => Number(loss.toPrecision(LOSS_DIGITS))),
});

const snr: Schema<number> = {
  // JSON has no infinity, which is the SNR of equal vectors.
  read: (json) => (json.value === null ? Number.POSITIVE_INFINITY : json.number()),
  write: (value) => value,
};
const match = record({ spearman: number(), pearson: number(), snr });

const outside = record({ spearman: boolean(), pearson: boolean(), snr: boolean() });

const nulls = record({ images: whole(), pairs: whole(), passingPairs: whole(), passingImages: whole() });

/** Earlier versions did not store the properties that may be missing. */
function judgement(run?: RunSoFar) {
  const classes = classesOf(run);
  const classification = record({
    prediction: whole({ max: classes - 1 }),
    probabilities: checked(float64s(classes), (values, json) => {
      if (run && values.length !== classes) throw json.fault(`the probabilities of ${classes} classes`);
    }),
  });
  return record({
    pixelCorrelation: number(),
    similarity: number(),
    isMetamer: boolean(),
    nulls: optional(nulls),
    failures: list(text(), 20),
    reference: classification,
    metamer: classification,
    layers: list(
      record({
        layer: layerName(run),
        match,
        threshold: match,
        thresholdError: optional(match),
        reachedBy: optional(match),
        outside,
      }),
      100,
    ),
  });
}

const row = (run: RunSoFar | undefined, image: Schema<Float32Array>) =>
  record({
    layer: layerName(run),
    losses,
    last: record({ iteration, loss: number(), image }),
    best: record({ iteration, loss: number(), image }),
    stages: list(record({ iteration, image }), MOST_STAGES),
    pairs: whole(),
    judgement: judgement(run),
    clipped: optional(judgement(run)),
  });

const found = (run: RunSoFar | undefined, image: Schema<Float32Array>) =>
  converted(row(run, image), {
    read: readRow,
    write: ({ layer, losses: own, answer: { last, best, kept, judgements, clipped, pairs } }) => ({
      layer,
      losses: own,
      last: { iteration: last.iteration, loss: last.losses[0], image: last.images },
      best: { iteration: best.iterations[0], loss: best.losses[0], image: best.images },
      stages: kept.map(({ iteration: at, images }) => ({ iteration: at, image: images })),
      pairs,
      judgement: judgements[0],
      clipped: clipped?.[0],
    }),
  });

function readRow({ layer, losses: own, ...stored }: ValueOf<ReturnType<typeof row>>): FoundMetamer {
  const { last, best, stages, pairs, clipped } = stored;
  return {
    layer,
    losses: own,
    answer: {
      count: 1,
      losses: [Float64Array.from(own)],
      last: { iteration: last.iteration, images: last.image, losses: Float64Array.of(last.loss) },
      best: {
        images: best.image,
        losses: Float64Array.of(best.loss),
        iterations: Int32Array.of(best.iteration),
      },
      kept: stages.map(({ iteration: at, image }) => ({ iteration: at, images: image })),
      pairs,
      judgements: [stored.judgement],
      ...(clipped && { clipped: [clipped] }),
    },
  };
}

/** An image with its pixels; of its origin, only a place in the data set is stored. */
const reference = (pixels: Schema<Float32Array>) =>
  converted(
    checked(
      record({
        id: text(100),
        name: text(200),
        label: optional(whole({ max: 1000 })),
        split: optional(oneOf('train', 'test')),
        index: optional(whole({ max: 59_999 })),
        pixels,
      }),
      ({ split }, json) => {
        if (split) json.get('index').whole();
      },
    ),
    {
      read: ({ split, index, ...image }): LabImage => ({
        ...image,
        origin: split && index !== undefined ? { kind: 'dataSet', split, index } : { kind: 'pixels' },
      }),
      write: ({ origin, ...image }) => ({
        ...image,
        ...(origin.kind === 'dataSet' && { split: origin.split, index: origin.index }),
      }),
    },
  );

const seed = whole({ max: 2 ** 32 - 1 });

const recipe = (image: Schema<Float32Array>) =>
  converted(
    record({
      iterations: whole({ min: 1, max: MOST_ITERATIONS }),
      learningRate: number(),
      loss: text(2000),
      totalVariation: number(),
      clip: boolean(),
      accumulate: boolean(),
      start: variants({
        noise: record({ scale: number(), mean: number(), seed }),
        uniform: record({ seed }),
        blank: record({ value: number() }),
        image: record({ image }),
      }),
    }),
    { read: (own): MetamerRecipe => own, write: (own) => own },
  );

/** The latest metamers, with only the notebook's iterates and the last. */
export function metamersSchema(run?: RunSoFar) {
  const image = float32s(run ? sizeOf(shapeAt(run.network, 'input')) : 0);
  return record({
    step: doneStep(run),
    reference: reference(image),
    recipe: recipe(image),
    rows: checked(list(found(run, image), run && run.network.layers.length + 1), (rows, json) => {
      if (rows.length === 0 || new Set(rows.map(({ layer }) => layer)).size !== rows.length) {
        throw json.fault('one metamer per layer', `${rows.length} rows`);
      }
    }),
  });
}
export type MetamersFinding = Found<'metamers', typeof metamersSchema>;
