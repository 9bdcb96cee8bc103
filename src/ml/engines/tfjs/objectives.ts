import * as tf from '@tensorflow/tfjs';
import { CallError } from '../../callError.ts';
import type { Objective } from '../engine.ts';
import { crossEntropy, oneHotTensor } from './layers.ts';

/** Objectives that the device differentiates: all except callbacks. */
export type DescribedObjective = Exclude<Objective, { kind: 'callback' }>;

/** The data of the objective for one chunk: target, cotangent or one-hot labels, [n, units]. */
export function objectiveTensor(
  objective: DescribedObjective,
  first: number,
  count: number,
  units: number,
): tf.Tensor2D {
  const rows = (values: Float32Array) =>
    tf.tensor2d(values.slice(first * units, (first + count) * units), [count, units]);
  switch (objective.kind) {
    case 'squaredError':
      return rows(objective.target);
    case 'cotangent':
      return rows(objective.cotangent);
    case 'crossEntropy':
      return oneHotTensor(objective.labels.subarray(first, first + count), units);
    default:
      return objective satisfies never;
  }
}

/** Values per image, [n], from activations [n, units]. */
export function objectiveValues(
  objective: DescribedObjective,
  activations: tf.Tensor,
  fixed: tf.Tensor2D,
): tf.Tensor {
  switch (objective.kind) {
    case 'squaredError':
      return tf.mean(tf.square(tf.sub(activations, fixed)), 1);
    case 'cotangent':
      return tf.sum(tf.mul(activations, fixed), 1);
    case 'crossEntropy':
      return tf.mul(crossEntropy(activations, fixed), objective.sign ?? 1);
    default:
      return objective satisfies never;
  }
}

/** @throws unless the objective fits the number of images and units. */
export function assertObjective(objective: DescribedObjective, count: number, units: number): void {
  if (objective.kind === 'crossEntropy') {
    const bad = objective.labels.find((label) => label >= units);
    if (objective.labels.length !== count || bad !== undefined) {
      throw new CallError(
        'inputGradient',
        `expected ${count} labels below ${units}, found ${objective.labels.length}${bad === undefined ? '' : ` and label ${bad}`}`,
      );
    }
    return;
  }
  const { length } = objective.kind === 'squaredError' ? objective.target : objective.cotangent;
  if (length !== count * units) {
    throw new CallError(
      'inputGradient',
      `expected a ${objective.kind} array of ${count} x ${units} values, found ${length}`,
    );
  }
}
