import { attackBatch } from '../../adversarial/step.ts';
import type { BatchAttack, Pixels, TrainingResult, TrainingStep } from '../engine.ts';
import { asFloats, checkLabels, countImages, inputGradient } from './inference.ts';
import type { Instance } from './instance.ts';
import { argmax, likelihoodGradient, logSoftmaxRow } from './softmax.ts';
import { adamFactors, type Groups } from './store.ts';

export interface TrainingData {
  images: Uint8Array;
  labels: Uint8Array;
}

/** Hands a member's share to all others: resolves with the shares of all members, one after another in their order. */
export type Exchange = (share: Float32Array) => Promise<Float32Array>;

/**
 * Trains some groups of channels; the other members of a pool run the same steps on theirs, and only partial logits are
 * exchanged. Those are per group and summed in the groups' order, so the weights do not depend on who computed them.
 */
export class Trainer {
  private readonly instance: Instance;
  private readonly groups: Groups;
  private readonly exchange: Exchange;
  data?: TrainingData;
  /** Updates made, Adam's step. */
  updates = 0;

  constructor(instance: Instance, groups: Groups, exchange: Exchange) {
    this.instance = instance;
    this.groups = groups;
    this.exchange = exchange;
  }

  async train(steps: TrainingStep[]): Promise<TrainingResult> {
    const losses = new Float32Array(steps.length);
    const correct = new Int32Array(steps.length);
    for (let i = 0; i < steps.length; i++) {
      const result = await this.step(steps[i]);
      losses[i] = result.loss;
      correct[i] = result.correct;
    }
    return { losses, correct };
  }

  private async step(step: TrainingStep): Promise<{ loss: number; correct: number }> {
    const { instance, groups } = this;
    const batch = 'indices' in step ? this.gather(step.indices) : step;
    const { classes, pixels } = instance.family;
    const count = countImages(batch.images, pixels, 'train');
    if (count === 0) {
      throw new Error('train: expected at least one image in each batch, found none');
    }
    checkLabels(batch.labels, count, classes, 'train');
    const images = step.attack ? await this.attack(batch, step.attack) : batch.images;
    const blocks = instance.pack(images);
    const partials = await this.exchange(instance.partialLogits(blocks, groups));
    const rows = instance.sumLogits(partials, count);
    let loss = 0;
    let correct = 0;
    for (let image = 0; image < count; image++) {
      const row = rows.subarray(image * classes, (image + 1) * classes);
      const label = batch.labels[image];
      correct += argmax(row) === label ? 1 : 0;
      logSoftmaxRow(row);
      loss -= row[label] / count;
      likelihoodGradient(row, label, 1 / count);
    }
    this.updates++;
    instance.update(rows, groups, adamFactors(step.learningRate, this.updates));
    return { loss, correct };
  }

  private gather(indices: Int32Array): TrainingData {
    if (!this.data) {
      throw new Error('train: expected setData before steps with indices');
    }
    const { pixels } = this.instance.family;
    const { images, labels } = this.data;
    const batch = {
      images: new Uint8Array(indices.length * pixels),
      labels: new Uint8Array(indices.length),
    };
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i];
      if (index < 0 || index >= labels.length) {
        throw new Error(`train: expected indices from 0 to ${labels.length - 1}, found ${index}`);
      }
      batch.images.set(images.subarray(index * pixels, (index + 1) * pixels), i * pixels);
      batch.labels[i] = labels[index];
    }
    return batch;
  }

  private attack(
    { images, labels }: { images: Pixels; labels: Uint8Array },
    attack: BatchAttack,
  ): Promise<Float32Array> {
    return attackBatch({
      ...attack,
      original: asFloats(images),
      pixels: this.instance.family.pixels,
      gradient: async (attacked) =>
        inputGradient(this.instance, attacked, 'logits', { kind: 'crossEntropy', labels }).gradient,
    });
  }
}
