import { CallError } from '../../ml/callError.ts';
import type { LabeledImages } from '../../ml/data/dataset.ts';
import type { Evaluation } from '../../ml/evaluation/evaluate.ts';
import type { Inspection } from '../../ml/evaluation/inspect.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { Workers } from '../../workers/client.ts';
import type { KnownMoment, NetworkMoment } from '../../workers/protocol.ts';
import { UNKNOWN_MOMENT } from '../../workers/unknownMoment.ts';
import type { LabMoment, Moment } from '../state/state.ts';

/** An answer, with the step of the run that it is about. */
export type AtStep<Answer> = Answer & { step: number };

/** What panels ask about the network at a moment; answers that cost much are kept. */
export interface Questions {
  /** Activations, probabilities and predictions of images [n, pixels] in [0, 1], and the parameters that gave them. */
  inspect(
    images: Float32Array,
    at: Moment | 'best',
  ): Promise<AtStep<Inspection & { parameters: Parameters }>>;
  /** The whole test set: accuracy, every prediction and the confusion matrix. */
  confusion(at: Moment | 'best', signal?: AbortSignal): Promise<AtStep<Evaluation>>;
  /** The same of the whole training set, which takes six times as long and is not kept. */
  trainingConfusion(at: Moment | 'best', signal?: AbortSignal): Promise<AtStep<Evaluation>>;
  /** The kept answer of `confusion`, if it was asked before; costs nothing. */
  keptConfusion(step: number): AtStep<Evaluation> | undefined;
}

const MOST_KEPT = 400;
/** Images of the training set in one question. */
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
      // The same network is asked again and again while a person draws.
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
      // Part by part: copying 47 MB at once would hold the main thread up.
      for (let start = 0; start < set.count; start += PART) {
        const end = Math.min(start + PART, set.count);
        const evaluation = await askKnowing(moment, start > 0, (moment) => {
          const images = set.images.slice(start * set.width * set.height, end * set.width * set.height);
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

/** Asks without the parameters where the worker should hold them, and with them if it holds others by now. */
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

/** The evaluation of all parts together. */
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
