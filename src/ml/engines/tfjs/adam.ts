import * as tf from '@tensorflow/tfjs';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** A parameter with Adam's two moments of its gradient. */
export type AdamSlot = Record<'parameter' | 'firstMoment' | 'secondMoment', tf.Tensor>;

/**
 * One update as PyTorch's Adam makes it (Kingma & Ba 2015, algorithm 1, with epsilon outside the corrected
 * root). TensorFlow.js's own optimizer has another epsilon and does not hand out its moments.
 * @param step number of this update, from 1.
 */
export function adamUpdate(
  slot: AdamSlot,
  gradient: tf.Tensor,
  step: number,
  learningRate: number,
): AdamSlot {
  const firstMoment = tf.add(slot.firstMoment, tf.mul(tf.sub(gradient, slot.firstMoment), 1 - BETA1));
  const secondMoment = tf.add(tf.mul(slot.secondMoment, BETA2), tf.mul(tf.square(gradient), 1 - BETA2));
  const stepSize = learningRate / (1 - BETA1 ** step);
  const root = tf.div(tf.sqrt(secondMoment), Math.sqrt(1 - BETA2 ** step));
  const change = tf.mul(tf.div(firstMoment, tf.add(root, EPSILON)), stepSize);
  return { parameter: tf.sub(slot.parameter, change), firstMoment, secondMoment };
}
