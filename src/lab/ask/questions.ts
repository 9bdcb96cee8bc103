import { CallError } from '../../ml/callError.ts';
import { type LabeledImages, pixelCount } from '../../ml/data/dataset.ts';
import type { Evaluation } from '../../ml/evaluation/evaluate.ts';
import type { Inspection } from '../../ml/evaluation/inspect.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { Workers } from '../../workers/client.ts';
import type { KnownMoment, NetworkMoment } from '../../workers/protocol.ts';
import { UNKNOWN_MOMENT } from '../../workers/unknownMoment.ts';
import type { LabMoment, Moment } from '../state/state.ts';

/** An answer with the step it is about. */
export type AtStep<Answer> = Answer & { step: number };

/** Questions about the network at a moment. Slow answers are cached. */
export interface Questions {
  /** Activations, probabilities and predictions for images [n, pixels] in [0, 1], with the parameters used. */
  inspect(
    images: Float32Array,
    at: Moment | 'best',
  ): Promise<AtStep<Inspection & { parameters: Parameters }>>;
  /** Evaluates the whole test set: accuracy, every prediction and the confusion matrix. */
  confusion(at: Moment | 'best', signal?: AbortSignal): Promise<AtStep<Evaluation>>;
  /** Evaluates the whole training set, which takes six times as long. Not cached. */
  trainingConfusion(at: Moment | 'best', signal?: AbortSignal): Promise<AtStep<Evaluation>>;
  /** The cached answer of `confusion`, if any. */
  keptConfusion(step: number): AtStep<Evaluation> | undefined;
}

const MOST_KEPT = 400;
/** Number of training images per question. */
const PART = 3000;

export function createQuestions(
  { inspector, longJobs }: Workers,
  momentAt: (at: Moment | 'best') => Promise<LabMoment>,
  trainingSet: () => LabeledImages | undefined,
): Questions & { forget(): void } {
  const confusions = new Map<string, AtStep<Evaluation>>();
  let inspected: string | undefined;
  return {
    async inspect(images, at) {
      const { step, ...moment } = await momentAt(at);
      // While a person draws, the same network gets many questions.
      const known = moment.key === inspected;
      inspected = moment.key;
      const inspection = await askKnowing(moment, known, (moment) =>
        inspector.call('inspect', { moment, images }),
      );
      return { ...inspection, step, parameters: moment.parameters };
    },
    async confusion(at, signal) {
      const { step, ...moment } = await momentAt(at);
      const kept = confusions.get(moment.key);
      if (kept) return kept;
      const evaluation = { ...(await inspector.call('evaluate', { moment }, { signal })), step };
      if (confusions.size >= MOST_KEPT) confusions.clear();
      confusions.set(moment.key, evaluation);
      return evaluation;
    },
    async trainingConfusion(at, signal) {
      const { step, ...moment } = await momentAt(at);
      const set = trainingSet();
      if (!set)
        throw new CallError('trainingConfusion', 'expected the data set first. Wait until it has arrived.');
      const parts: Evaluation[] = [];
      // Send the images in parts, because copying 47 MB at once would block the page.
      for (let start = 0; start < set.count; start += PART) {
        const end = Math.min(start + PART, set.count);
        const evaluation = await askKnowing(moment, start > 0, (moment) => {
          const images = set.images.slice(start * pixelCount(set), end * pixelCount(set));
          const labels = set.labels.slice(start, end);
          return longJobs.call('evaluate', { moment, images, labels }, { signal, transfer: [images.buffer] });
        });
        parts.push(evaluation);
      }
      return { ...joined(parts), step };
    },
    keptConfusion: (step) => [...confusions.values()].find((kept) => kept.step === step),
    forget: () => confusions.clear(),
  };
}

/** Asks without parameters if the worker should already have them, and again with parameters if the worker lacks them. */
async function askKnowing<Answer>(
  moment: NetworkMoment,
  known: boolean,
  ask: (moment: KnownMoment) => Promise<Answer>,
): Promise<Answer> {
  if (!known) return ask(moment);
  const { parameters: _, ...rest } = moment;
  return ask(rest).catch((error) => {
    if (error.name === UNKNOWN_MOMENT) return ask(moment);
    throw error;
  });
}

/** Joins the evaluations of all parts. */
function joined(parts: readonly Evaluation[]): Evaluation {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const correct = parts.reduce((sum, part) => sum + part.correct, 0);
  const predictions = new Uint8Array(count);
  const confusion = new Int32Array(parts[0].confusion.length);
  let [loss, place] = [0, 0];
  for (const part of parts) {
    loss += (part.loss * part.count) / count;
    predictions.set(part.predictions, place);
    place += part.count;
    part.confusion.forEach((images, cell) => {
      confusion[cell] += images;
    });
  }
  return { loss, accuracy: correct / count, correct, count, predictions, confusion };
}
