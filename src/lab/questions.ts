import type { LabeledImages } from '../ml/data/dataset.ts';
import type { Inspection } from '../ml/model/inspect.ts';
import type { Parameters } from '../ml/model/parameters.ts';
import type { Evaluation } from '../ml/training/evaluate.ts';
import type { Workers } from '../workers/client.ts';
import type { NetworkMoment } from '../workers/protocol.ts';
import type { Moment } from './state.ts';

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

export function createQuestions(
  { inspector, studio }: Workers,
  momentAt: (at: Moment | 'best') => Promise<NetworkMoment & { step: number }>,
  trainingSet: () => LabeledImages | undefined,
): Questions & { forget(): void } {
  const confusions = new Map<string, AtStep<Evaluation>>();
  return {
    async inspect(images, at) {
      const { step, ...moment } = await momentAt(at);
      const { parameters } = moment;
      return { ...(await inspector.call('inspect', { moment, images })), step, parameters };
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
      const { images, labels } = trainingSet() ?? {};
      return { ...(await studio.call('evaluate', { moment, images, labels }, { signal })), step };
    },
    keptConfusion: (step) => [...confusions.values()].find((kept) => kept.step === step),
    forget: () => confusions.clear(),
  };
}
