import { CallError } from '../../callError.ts';
import type { Objective, Pixels } from '../engine.ts';
import { likelihoodGradient, logSoftmaxRow } from './softmax.ts';

/** Converts images to float32; bytes represent byte / 255. */
export function asFloats(images: Pixels): Float32Array {
  return images instanceof Float32Array ? images : Float32Array.from(images, (byte) => byte / 255);
}

/** Returns the number of images. @throws unless the length is a multiple of `pixels`. */
export function countImages(images: Pixels, pixels: number, caller: string): number {
  const count = images.length / pixels;
  if (!Number.isInteger(count)) {
    throw new CallError(caller, `expected images of ${pixels} pixels each, found ${images.length} values`);
  }
  return count;
}

/** @throws unless there is one valid class label for each image. */
export function checkLabels(labels: Uint8Array, count: number, classes: number, caller: string): void {
  if (labels.length !== count) {
    throw new CallError(caller, `expected ${count} labels, found ${labels.length}`);
  }
  const bad = labels.findIndex((label) => label >= classes);
  if (bad >= 0) {
    throw new CallError(caller, `expected labels from 0 to ${classes - 1}, found ${labels[bad]} at ${bad}`);
  }
}

/** The objectives that a pool member computes itself. */
export type DescribedObjective = Exclude<Objective, { kind: 'callback' }>;

/** @throws unless the objective has its labels, or values for every unit of every image. */
export function checkObjective(
  objective: DescribedObjective,
  { count, units, classes }: { count: number; units: number; classes: number },
): void {
  if (objective.kind === 'crossEntropy') {
    checkLabels(objective.labels, count, classes, 'inputGradient');
    return;
  }
  const { name, values } =
    objective.kind === 'squaredError'
      ? { name: 'target', values: objective.target }
      : { name: 'cotangent', values: objective.cotangent };
  if (values.length !== count * units) {
    throw new CallError(
      'inputGradient',
      `expected a ${name} of ${count} x ${units} values, found ${values.length}`,
    );
  }
}

/** The part of an objective for a range of images, with copies of its data. */
export function objectiveOfRange(
  objective: DescribedObjective,
  units: number,
  { first, end }: { first: number; end: number },
): DescribedObjective {
  switch (objective.kind) {
    case 'crossEntropy':
      return { ...objective, labels: objective.labels.slice(first, end) };
    case 'squaredError':
      return { ...objective, target: objective.target.slice(first * units, end * units) };
    case 'cotangent':
      return { ...objective, cotangent: objective.cotangent.slice(first * units, end * units) };
    default:
      return objective satisfies never;
  }
}

/** Value and derivative of a squared error or of a product with a cotangent, for one image's activations. */
export function objectiveOfRow(
  activations: ArrayLike<number>,
  given: Float32Array,
  squared: boolean,
  cotangent: Float32Array | Float64Array,
): number {
  const units = given.length;
  let value = 0;
  for (let i = 0; i < units; i++) {
    if (squared) {
      const difference = activations[i] - given[i];
      value += difference ** 2 / units;
      cotangent[i] = (2 / units) * difference;
    } else {
      value += given[i] * activations[i];
      cotangent[i] = given[i];
    }
  }
  return value;
}

/** Converts d / d(log-probabilities) to d / d(logits), in place. */
export function throughLogSoftmax(logProbabilities: Float64Array, cotangent: Float64Array): void {
  const total = cotangent.reduce((sum, value) => sum + value, 0);
  for (let i = 0; i < cotangent.length; i++) {
    cotangent[i] -= Math.exp(logProbabilities[i]) * total;
  }
}

/**
 * Replaces one image's activations (for `logSoftmax`, the logits) by d(value) / d(activations). @returns the value.
 */
export function differentiateRow(
  row: Float32Array,
  logSoftmax: boolean,
  objective: DescribedObjective,
  image: number,
): number {
  const activations = Float64Array.from(row);
  if (objective.kind === 'crossEntropy') {
    const { labels, sign = 1 } = objective;
    logSoftmaxRow(activations);
    const value = -sign * activations[labels[image]];
    likelihoodGradient(activations, labels[image], sign);
    row.set(activations);
    return value;
  }
  const given = objective.kind === 'squaredError' ? objective.target : objective.cotangent;
  const own = given.subarray(image * row.length, (image + 1) * row.length);
  const cotangent = new Float64Array(row.length);
  if (logSoftmax) logSoftmaxRow(activations);
  const value = objectiveOfRow(activations, own, objective.kind === 'squaredError', cotangent);
  if (logSoftmax) throughLogSoftmax(activations, cotangent);
  row.set(cotangent);
  return value;
}
