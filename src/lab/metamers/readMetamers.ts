import { CallError } from '../../ml/callError.ts';
import type { Json } from '../../ml/formats/json.ts';
import type { Classification } from '../../ml/metamers/activations.ts';
import type { Judgement, LayerJudgement } from '../../ml/metamers/judge.ts';
import type { MetamerStart } from '../../ml/metamers/start.ts';
import { shapeAt, sizeOf } from '../../ml/model/network.ts';
import { checkLayer } from '../ask/selection.ts';
import type { LabImage } from '../images/images.ts';
import type { RunSoFar } from '../state/runSoFar.ts';
import { readFloatText } from './floatText.ts';
import type { FoundMetamer, MetamersFinding } from './metamersFinding.ts';
import type { MetamerRecipe } from './recipe.ts';

const MOST_ITERATIONS = 100_000;
const ITERATIONS = { max: MOST_ITERATIONS };
const MOST_STAGES = 10;
const caller = 'readMetamers';

/** @throws an Error that names the invalid field. */
export function readMetamers(json: Json, { network, step: last }: RunSoFar): MetamersFinding {
  const size = sizeOf(shapeAt(network, 'input'));
  const classes = sizeOf(shapeAt(network, network.layers.at(-1)?.name ?? 'input'));
  const layerOf = (place: Json) => checkLayer(network, place.get('layer').text(100), caller);
  const rows = json.get('rows').list(network.layers.length + 1);
  const found = rows.map((row): FoundMetamer => {
    const losses = row
      .get('losses')
      .list(MOST_ITERATIONS + 1)
      .map((loss) => loss.number());
    const end = readIterate(row.get('last'), size);
    const best = readIterate(row.get('best'), size);
    return {
      layer: layerOf(row),
      losses,
      answer: {
        count: 1,
        losses: [Float64Array.from(losses)],
        last: { iteration: end.iteration, images: end.image, losses: Float64Array.of(end.loss) },
        best: {
          images: best.image,
          losses: Float64Array.of(best.loss),
          iterations: Int32Array.of(best.iteration),
        },
        kept: row
          .get('stages')
          .list(MOST_STAGES)
          .map((stage) => ({
            iteration: stage.get('iteration').whole(ITERATIONS),
            images: readFloatText(stage.get('image'), size, caller),
          })),
        pairs: row.get('pairs').whole(),
        judgements: [readJudgement(row.get('judgement'), layerOf, classes)],
        clipped: readClipped(row.optional('clipped'), layerOf, classes),
      },
    };
  });
  if (found.length === 0 || new Set(found.map(({ layer }) => layer)).size !== found.length) {
    throw new CallError(caller, `expected one metamer per layer, found ${found.length} rows`);
  }
  const step = json.get('step').whole({ max: last });
  return {
    kind: 'metamers',
    step,
    reference: readReference(json.get('reference'), size),
    recipe: readRecipe(json.get('recipe'), size),
    rows: found,
  };
}

function readIterate(json: Json, size: number) {
  return {
    iteration: json.get('iteration').whole(ITERATIONS),
    loss: json.get('loss').number(),
    image: readFloatText(json.get('image'), size, caller),
  };
}

function readReference(json: Json, size: number): LabImage {
  const split = json.optional('split')?.oneOf('train', 'test');
  return {
    id: json.get('id').text(100),
    name: json.get('name').text(200),
    label: json.optional('label')?.whole({ max: 1000 }),
    pixels: readFloatText(json.get('pixels'), size, caller),
    origin: split
      ? { kind: 'dataSet', split, index: json.get('index').whole({ max: 59_999 }) }
      : { kind: 'pixels' },
  };
}

function readRecipe(json: Json, size: number): MetamerRecipe {
  return {
    start: readStart(json.get('start'), size),
    iterations: json.get('iterations').whole({ min: 1, ...ITERATIONS }),
    learningRate: json.get('learningRate').number(),
    loss: json.get('loss').text(2000),
    totalVariation: json.get('totalVariation').number(),
    clip: json.get('clip').boolean(),
    accumulate: json.get('accumulate').boolean(),
  };
}

function readStart(json: Json, size: number): MetamerStart {
  const kind = json.get('kind').oneOf('noise', 'uniform', 'blank', 'image');
  const seed = () => json.get('seed').whole({ max: 2 ** 32 - 1 });
  switch (kind) {
    case 'noise':
      return { kind, scale: json.get('scale').number(), mean: json.get('mean').number(), seed: seed() };
    case 'uniform':
      return { kind, seed: seed() };
    case 'blank':
      return { kind, value: json.get('value').number() };
    case 'image':
      return { kind, image: readFloatText(json.get('image'), size, caller) };
    default:
      return kind satisfies never;
  }
}

function readJudgement(json: Json, layerOf: (place: Json) => string, classes: number): Judgement {
  return {
    layers: json
      .get('layers')
      .list(100)
      .map(
        (layer): LayerJudgement => ({
          layer: layerOf(layer),
          match: readMatch(layer.get('match')),
          threshold: readMatch(layer.get('threshold')),
          ...readTail(layer),
          outside: {
            spearman: layer.get('outside').get('spearman').boolean(),
            pearson: layer.get('outside').get('pearson').boolean(),
            snr: layer.get('outside').get('snr').boolean(),
          },
        }),
      ),
    pixelCorrelation: json.get('pixelCorrelation').number(),
    similarity: json.get('similarity').number(),
    reference: readClassification(json.get('reference'), classes),
    metamer: readClassification(json.get('metamer'), classes),
    isMetamer: json.get('isMetamer').boolean(),
    failures: json
      .get('failures')
      .list(20)
      .map((failure) => failure.text()),
    ...readNulls(json.optional('nulls')),
  };
}

/** Metamers that were kept before these were recorded lack them. */
function readTail(layer: Json): Pick<LayerJudgement, 'thresholdError' | 'reachedBy'> {
  const thresholdError = layer.optional('thresholdError');
  const reachedBy = layer.optional('reachedBy');
  return {
    ...(thresholdError && { thresholdError: readMatch(thresholdError) }),
    ...(reachedBy && { reachedBy: readMatch(reachedBy) }),
  };
}

function readNulls(json: Json | undefined): Pick<Judgement, 'nulls'> {
  if (!json) return {};
  const whole = (name: string) => json.get(name).whole();
  return {
    nulls: {
      images: whole('images'),
      pairs: whole('pairs'),
      passingPairs: whole('passingPairs'),
      passingImages: whole('passingImages'),
    },
  };
}

function readClipped(
  json: Json | undefined,
  layerOf: (place: Json) => string,
  classes: number,
): Judgement[] | undefined {
  return json && [readJudgement(json, layerOf, classes)];
}

function readMatch(json: Json): LayerJudgement['match'] {
  const snr = json.get('snr');
  return {
    spearman: json.get('spearman').number(),
    pearson: json.get('pearson').number(),
    // JSON has no infinity, which is the SNR of equal vectors.
    snr: snr.value === null ? Number.POSITIVE_INFINITY : snr.number(),
  };
}

function readClassification(json: Json, classes: number): Classification {
  const probabilities = Float64Array.from(json.get('probabilities').list(classes), (item) => item.number());
  if (probabilities.length !== classes) {
    throw new CallError(
      caller,
      `expected the probabilities of ${classes} classes, found ${probabilities.length}`,
    );
  }
  return { prediction: json.get('prediction').whole({ max: classes - 1 }), probabilities };
}
