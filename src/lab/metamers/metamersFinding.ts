import type { JsonValue } from '../../ml/formats/json.ts';
import type { Classification } from '../../ml/metamers/activations.ts';
import type { Judgement } from '../../ml/metamers/judge.ts';
import type { MetamerAnswer } from '../../workers/protocol.ts';
import type { LabImage } from '../images/images.ts';
import { floatText } from './floatText.ts';
import type { MetamerRecipe } from './recipe.ts';

export interface FoundMetamer {
  layer: string;
  /** Losses of all iterates. */
  losses: readonly number[];
  answer: MetamerAnswer;
}

/** The latest metamers, with only the notebook's iterates and the last. */
export interface MetamersFinding {
  kind: 'metamers';
  step: number;
  reference: LabImage;
  recipe: MetamerRecipe;
  rows: readonly FoundMetamer[];
}

const LOSS_DIGITS = 7;

export function metamersValue({ step, reference, recipe, rows }: MetamersFinding): JsonValue {
  const { id, name, label, origin, pixels } = reference;
  const { start, ...settings } = recipe;
  return {
    step,
    reference: {
      id,
      name,
      ...(label !== undefined && { label }),
      ...(origin.kind === 'dataSet' && { split: origin.split, index: origin.index }),
      pixels: floatText(pixels),
    },
    recipe: {
      ...settings,
      start: start.kind === 'image' ? { ...start, image: floatText(start.image) } : { ...start },
    },
    rows: rows.map(({ layer, losses, answer }) => {
      const { last, best, kept, judgements, clipped, pairs } = answer;
      return {
        layer,
        losses: losses.map((loss) => Number(loss.toPrecision(LOSS_DIGITS))),
        last: { iteration: last.iteration, loss: last.losses[0], image: floatText(last.images) },
        best: { iteration: best.iterations[0], loss: best.losses[0], image: floatText(best.images) },
        stages: kept.map(({ iteration, images }) => ({ iteration, image: floatText(images) })),
        pairs,
        judgement: judgementValue(judgements[0]),
        ...(clipped && { clipped: judgementValue(clipped[0]) }),
      };
    }),
  };
}

function judgementValue({ layers, reference, metamer, failures, nulls, ...figures }: Judgement): JsonValue {
  const read = ({ prediction, probabilities }: Classification) => ({
    prediction,
    probabilities: [...probabilities],
  });
  return {
    ...figures,
    ...(nulls && { nulls: { ...nulls } }),
    failures,
    reference: read(reference),
    metamer: read(metamer),
    layers: layers.map(({ layer, match, threshold, thresholdError, outside, reachedBy }) => ({
      layer,
      match: { ...match },
      threshold: { ...threshold },
      ...(thresholdError && { thresholdError: { ...thresholdError } }),
      ...(reachedBy && { reachedBy: { ...reachedBy } }),
      outside: { ...outside },
    })),
  };
}
