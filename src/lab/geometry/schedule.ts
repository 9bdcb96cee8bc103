import {
  estimateGlueMilliseconds,
  estimateMilliseconds,
  samplesOfResample,
} from '../../ml/geometry/index.ts';
import { type NetworkDescription, shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { LayerGeometry } from '../../workers/geometryProtocol.ts';
import { type GeometryResults, placeOf, resultAt } from './geometryFinding.ts';
import type { AnalysisSettings, CheckedGeometry } from './geometrySettings.ts';

export type GeometrySettings = AnalysisSettings & Pick<CheckedGeometry, 'layers'>;

/** One layer at one moment: its figures, or the figures' errors over images, which are computed later. */
export interface Task {
  kind: 'figures' | 'errors';
  layer: string;
  step: number;
}

/** The input for choosing the next task. */
export interface Agenda {
  settings: GeometrySettings;
  results: GeometryResults;
  /** The step that a person looks at. */
  shown: number;
  /** All steps wanted for curves, in order. */
  steps: readonly number[];
  /** Whether errors may be computed now. They take about ten times as long and would slow training. */
  errors: boolean;
}

type ErrorSettings = Pick<AnalysisSettings, 'resamples' | 'estimator'>;

/** A simulation's errors cover its labelings alone. */
function hasNoErrors({ resamples, estimator }: ErrorSettings): boolean {
  return resamples === 0 || estimator === 'simulation';
}

/** Whether a result has everything its settings require. Results of earlier versions have errors without resamples. */
function isComplete(result: LayerGeometry, settings: ErrorSettings): boolean {
  return hasNoErrors(settings) || result.exampleErrors !== undefined;
}

/**
 * The next task that is neither done nor running: figures of the moment shown, then its errors; then the two ends, which
 * are compared with the moment shown; then all others, starting with the middle of the largest gap.
 */
export function nextTask(agenda: Agenda, isUnderway: (task: Task) => boolean): Task | undefined {
  const { shown, steps } = agenda;
  const ends = steps.length > 0 ? [steps[0], steps[steps.length - 1]] : [];
  return (
    firstMissing(agenda, [shown], 'figures', isUnderway) ??
    firstMissing(agenda, [shown], 'errors', isUnderway) ??
    firstMissing(agenda, ends, 'figures', isUnderway) ??
    firstMissing(agenda, ends, 'errors', isUnderway) ??
    farthestMissing(agenda, 'figures', isUnderway) ??
    farthestMissing(agenda, 'errors', isUnderway)
  );
}

function isMissing({ results, settings, errors }: Agenda, { kind, layer, step }: Task): boolean {
  const result = resultAt(results, layer, step);
  if (kind === 'figures') return result === undefined;
  return errors && result !== undefined && !isComplete(result, settings);
}

function firstMissing(
  agenda: Agenda,
  steps: readonly number[],
  kind: Task['kind'],
  isUnderway: (task: Task) => boolean,
): Task | undefined {
  return steps
    .flatMap((step) => agenda.settings.layers.map((layer): Task => ({ kind, layer, step })))
    .find((task) => isMissing(agenda, task) && !isUnderway(task));
}

function farthestMissing(
  agenda: Agenda,
  kind: Task['kind'],
  isUnderway: (task: Task) => boolean,
): Task | undefined {
  for (const layer of agenda.settings.layers) {
    const isDone = (step: number) =>
      !isMissing(agenda, { kind, layer, step }) || isUnderway({ kind, layer, step });
    const step = farthestFromDone(agenda.steps, isDone);
    // Alternate between layers, so that their curves grow together.
    if (step !== undefined) return firstMissing(agenda, [step], kind, isUnderway);
  }
  return undefined;
}

/** The number of remaining tasks, and their total time in milliseconds. */
export function remainingTasks(
  { settings, results, shown, steps }: Agenda,
  milliseconds: (kind: Task['kind'], layer: string) => number,
): { left: number; milliseconds: number } {
  const moments = new Set([...steps, shown]);
  let left = 0;
  let sum = 0;
  for (const layer of settings.layers) {
    for (const place of new Set([...moments].map((step) => placeOf(layer, step)))) {
      const result = resultAt(results, layer, place);
      const kinds: Task['kind'][] = [
        ...(result ? [] : (['figures'] as const)),
        ...((result ? isComplete(result, settings) : hasNoErrors(settings)) ? [] : (['errors'] as const)),
      ];
      left += kinds.length;
      for (const kind of kinds) sum += milliseconds(kind, layer);
    }
  }
  return { left, milliseconds: sum };
}

/** Estimated time of a task on the reference machine. */
export function expectedMilliseconds(
  { kind, layer }: Pick<Task, 'kind' | 'layer'>,
  settings: GeometrySettings,
  { network, classes }: { network: NetworkDescription; classes: number },
): number {
  const { examplesPerClass, indices, samples, resamples, projection, estimator } = settings;
  const points = indices ? Math.ceil(indices.length / classes) : examplesPerClass;
  const shape = { manifolds: classes, points };
  const units = sizeOf(shapeAt(network, layer));
  const isGlue = estimator === 'glue';
  if (kind === 'figures') {
    const analysis = { ...shape, samples, units: Math.min(units, projection ?? units) };
    return estimateMilliseconds(analysis) + (isGlue ? estimateGlueMilliseconds(analysis) : 0);
  }
  const analysis = { ...shape, samples: samplesOfResample(samples, units), units };
  return resamples * (estimateMilliseconds(analysis) + (isGlue ? estimateGlueMilliseconds(analysis) : 0));
}

/** The first step, then the last, then the step farthest from all finished steps; undefined when all are finished. */
export function farthestFromDone(
  steps: readonly number[],
  isDone: (step: number) => boolean,
): number | undefined {
  const done = steps.map(isDone);
  if (steps.length > 0 && !done[0]) return steps[0];
  if (steps.length > 1 && !done[steps.length - 1]) return steps[steps.length - 1];
  let best: number | undefined;
  let widest = 0;
  for (let i = 0; i < steps.length; i++) {
    if (done[i]) continue;
    let distance = 1;
    while (!done[i - distance] && !done[i + distance]) distance++;
    if (distance > widest) {
      widest = distance;
      best = steps[i];
    }
  }
  return best;
}
