import { shownSimulation } from '../lab/geometry/simulatedCapacities.ts';
import type { ImageOrigin } from '../lab/images/labImage.ts';
import { bestEpoch } from '../lab/state/history.ts';
import type { Moment, RunStatus } from '../lab/state/state.ts';
import { parameterCount } from '../ml/model/limits.ts';
import type { FactsSource } from './watchFacts.ts';

/** A layer's geometry at a step. */
export interface GeometryFact {
  layer: string;
  step: number;
  capacity: number;
  radius: number;
  dimension: number;
  centerCorrelation: number;
  /** The capacity by GLUE, where Geometry estimates it. */
  glue?: number;
}

/** The reader's actions and the run's results, as plain values, so that a step's `done` reads like its text. */
export interface Facts {
  status: RunStatus;
  /** Counts the runs of this visit; a reset changes it. */
  run: number;
  recorded: boolean;
  seed: number;
  data: string;
  /** Names of the network's layers, in order. */
  layers: readonly string[];
  parameters: number;
  step: number;
  epoch: number;
  learningRate: string;
  adversarialTraining: boolean;
  moment: Moment;
  /** The step that the panels show. */
  shownStep: number;
  firstLoss?: number;
  trainLoss?: number;
  trainAccuracy?: number;
  testLoss?: number;
  testAccuracy?: number;
  bestTestAccuracy?: number;
  image?: {
    id: string;
    name: string;
    label?: number;
    /** A drawing and a picture are the reader's own. */
    origin: ImageOrigin['kind'];
    prediction?: number;
    probability?: number;
  };
  pinned: number;
  /** How drawings and pictures become the network's input: centered as in MNIST's, or only scaled. */
  normalizing: 'digit' | 'whole';
  spectrum?: {
    layer: string;
    step: number;
    largest: number;
    participationRatio: number;
    componentsFor95: number;
    directions: number;
  };
  geometry: readonly GeometryFact[];
  /** Capacities measured by simulation at the step shown, with planes through the overall mean, by layer. */
  simulated: ReadonlyMap<string, number>;
  /** Finished metamers of the panel. */
  metamers: readonly {
    layer: string;
    isMetamer: boolean;
    pixelCorrelation: number;
    similarity: number;
  }[];
  /** The attack on one image. */
  attack?: {
    method: string;
    epsilon: number;
    truth: number;
    before: number;
    after: number;
    step: number;
  };
  /** The newest curve of accuracy against epsilon. */
  robustness?: { id: number; epsilons: readonly number[]; accuracies: readonly number[] };
}

/** @returns the facts of the lab's present state. */
export function factsOf(lab: FactsSource): Facts {
  const { status, run, recorded, settings, network, step, epoch, moment, history } = lab.store.getState();
  const last = history.epochs.at(-1);
  const newest = history.length - 1;
  return {
    status,
    run,
    recorded: recorded !== false,
    seed: seedOf(lab),
    data: settings.data,
    layers: network.layers.map(({ name }) => name),
    parameters: parameterCount(network),
    step,
    epoch,
    learningRate: String(settings.learningRate),
    adversarialTraining: settings.attack !== 'none',
    moment,
    shownStep: moment === 'live' ? step : moment,
    firstLoss: history.length > 0 ? history.losses[0] : undefined,
    trainLoss: newest >= 0 ? history.losses[newest] : undefined,
    trainAccuracy: newest >= 0 ? history.accuracies[newest] : undefined,
    testLoss: last?.testLoss,
    testAccuracy: last?.testAccuracy,
    bestTestAccuracy: bestEpoch(history)?.testAccuracy,
    image: imageFact(lab),
    pinned: lab.images.store.getState().pinned.length,
    normalizing: lab.images.store.getState().normalize ? 'digit' : 'whole',
    spectrum: spectrumFact(lab),
    geometry: geometryFacts(lab),
    simulated: simulatedFacts(lab),
    metamers: metamerFacts(lab),
    attack: attackFact(lab),
    robustness: robustnessFact(lab),
  };
}

/** The seed of the run that is shown; the settings are those of the next run. */
function seedOf({ store }: FactsSource): number {
  const { log, settings } = store.getState();
  const reset = log.findLast(({ kind }) => kind === 'reset');
  return reset?.kind === 'reset' ? reset.seed : settings.seed;
}

function imageFact({ images, imageInspection }: FactsSource): Facts['image'] {
  const { focus } = images.store.getState();
  if (!focus) return undefined;
  const { id, name, label, origin } = focus;
  const { inspected } = imageInspection.store.getState();
  const place = inspected?.images.findIndex((image) => image.id === id) ?? -1;
  if (!inspected || place < 0) return { id, name, label, origin: origin.kind };
  const { predictions, probabilities, count } = inspected.inspection;
  const prediction = predictions[place];
  const probability = probabilities[place * (probabilities.length / count) + prediction];
  return { id, name, label, origin: origin.kind, prediction, probability };
}

function spectrumFact({ spectrum }: FactsSource): Facts['spectrum'] {
  const { answer } = spectrum.query.store.getState();
  if (!answer) return undefined;
  const { layer, step, singularValues, participationRatio, componentsFor95 } = answer;
  const directions = singularValues.length;
  return { layer, step, largest: singularValues[0], participationRatio, componentsFor95, directions };
}

function geometryFacts({ geometry }: FactsSource): GeometryFact[] {
  return [...geometry.store.getState().results].flatMap(([layer, steps]) =>
    [...steps].map(([step, { capacity, radiusMedian, dimension, centerCorrelation, glue }]) => ({
      layer,
      step,
      capacity,
      radius: radiusMedian,
      dimension,
      centerCorrelation,
      glue: glue?.capacity,
    })),
  );
}

function simulatedFacts({ geometry, simulatedCapacities }: FactsSource): ReadonlyMap<string, number> {
  const { simulations } = simulatedCapacities.store.getState();
  const shown = geometry.store.getState();
  return new Map(
    shown.settings.layers.flatMap((layer): [string, number][] => {
      const capacity = shownSimulation(simulations, shown, { layer, offset: false })?.result?.capacity;
      return capacity === undefined ? [] : [[layer, capacity]];
    }),
  );
}

function metamerFacts({ metamers }: FactsSource): Facts['metamers'] {
  return metamers.store.getState().rows.flatMap(({ layer, answer }) => {
    const judged = (answer?.clipped ?? answer?.judgements)?.at(-1);
    if (!judged) return [];
    const { isMetamer, pixelCorrelation, similarity } = judged;
    return [{ layer, isMetamer, pixelCorrelation, similarity }];
  });
}

function attackFact({ attacks }: FactsSource): Facts['attack'] {
  const { shown, controls } = attacks.store.getState();
  if (!shown) return undefined;
  const { epsilon, truth, predictions, step } = shown;
  return {
    method: controls.method,
    epsilon,
    truth,
    before: predictions.before,
    after: predictions.after,
    step,
  };
}

function robustnessFact({ attacks }: FactsSource): Facts['robustness'] {
  const curve = attacks.store.getState().curves.at(-1);
  if (!curve) return undefined;
  return {
    id: curve.id,
    epsilons: curve.points.map(({ epsilon }) => epsilon),
    accuracies: curve.points.map(({ correct, count }) => correct / count),
  };
}
