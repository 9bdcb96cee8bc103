import * as tf from '@tensorflow/tfjs';
import type { OptimizerDescription } from '../../model/optimizer.ts';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** A parameter with its optimizer slots, in the order of `slotNames`. */
export interface Slot {
  parameter: tf.Tensor;
  memory: tf.Tensor[];
}

export interface Update {
  gradient: tf.Tensor;
  /** Number of this update, starting at 1. */
  step: number;
  learningRate: number;
}

/** Makes one update as PyTorch does. */
export function updated(optimizer: OptimizerDescription, slot: Slot, update: Update): Slot {
  switch (optimizer.kind) {
    case 'adam':
      return adamUpdate(slot, update);
    case 'sgd':
      return sgdUpdate(slot, update, optimizer);
    default:
      return optimizer satisfies never;
  }
}

/**
 * Kingma & Ba 2015, algorithm 1, with epsilon outside the corrected root, as in PyTorch. TensorFlow.js's own
 * optimizer places epsilon differently and does not expose its moments.
 */
function adamUpdate({ parameter, memory }: Slot, { gradient, step, learningRate }: Update): Slot {
  const firstMoment = tf.add(memory[0], tf.mul(tf.sub(gradient, memory[0]), 1 - BETA1));
  const secondMoment = tf.add(tf.mul(memory[1], BETA2), tf.mul(tf.square(gradient), 1 - BETA2));
  const stepSize = learningRate / (1 - BETA1 ** step);
  const root = tf.div(tf.sqrt(secondMoment), Math.sqrt(1 - BETA2 ** step));
  const change = tf.mul(tf.div(firstMoment, tf.add(root, EPSILON)), stepSize);
  return { parameter: tf.sub(parameter, change), memory: [firstMoment, secondMoment] };
}

/** PyTorch's SGD: weight decay is added to the gradient, and the momentum buffer has no dampening. */
function sgdUpdate(
  { parameter, memory }: Slot,
  { gradient, learningRate }: Update,
  { momentum, weightDecay }: { momentum: number; weightDecay: number },
): Slot {
  const decayed = weightDecay > 0 ? tf.add(gradient, tf.mul(parameter, weightDecay)) : tf.clone(gradient);
  const direction = memory.length > 0 ? tf.add(tf.mul(memory[0], momentum), decayed) : decayed;
  return {
    parameter: tf.sub(parameter, tf.mul(direction, learningRate)),
    memory: memory.length > 0 ? [direction] : [],
  };
}
