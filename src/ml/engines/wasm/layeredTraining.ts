import type { OptimizerDescription } from '../../model/optimizer.ts';
import { attackBatch } from '../../perturbations/step.ts';
import type { BatchAttack, Pixels, TrainingResult } from '../engine.ts';
import { asFloats } from '../shared/objective.ts';
import { SHARD } from '../shared/plan.ts';
import { argmax, likelihoodGradient, logSoftmaxRow } from '../shared/softmax.ts';
import type { Exchange } from './exchange.ts';
import { inputGradient } from './layeredInference.ts';
import type { LayeredInstance } from './layeredInstance.ts';
import { type ResolvedStep, shareOf } from './training.ts';

/** Number of shards whose gradients are exchanged together, which limits memory for large batches. */
const ROUND = 8;
/** Floats after a shard's gradient: the loss, the number of correct images, and two floats that keep the next shard aligned. */
const METRICS = 4;

interface Metrics {
  /** Sum over the images, rounded to float32 as in the exchange. */
  loss: number;
  correct: number;
}

/**
 * Trains on this member's shards of the batch. The other members of a pool run the same steps on their shards, and all
 * gradients are exchanged. Every member sums them in the shards' order, so the weights do not depend on the division of work.
 */
export class LayeredTrainer {
  readonly instance: LayeredInstance;
  readonly exchange: Exchange;
  /** Number of updates made. */
  updates = 0;
  private readonly optimizer: OptimizerDescription;

  constructor(instance: LayeredInstance, optimizer: OptimizerDescription, exchange: Exchange) {
    this.instance = instance;
    this.optimizer = optimizer;
    this.exchange = exchange;
  }

  async train(steps: ResolvedStep[]): Promise<TrainingResult> {
    const losses = new Float32Array(steps.length);
    const correct = new Int32Array(steps.length);
    for (let i = 0; i < steps.length; i++) {
      const result = await this.step(steps[i]);
      losses[i] = result.loss / steps[i].labels.length;
      correct[i] = result.correct;
    }
    return { losses, correct };
  }

  private async step(step: ResolvedStep): Promise<Metrics> {
    const shards = Math.ceil(step.labels.length / SHARD);
    const sum: Metrics = { loss: 0, correct: 0 };
    for (let first = 0; first < shards; first += ROUND) {
      const metrics = await this.round(step, first, Math.min(first + ROUND, shards));
      for (const { loss, correct } of metrics) {
        sum.loss += loss;
        sum.correct += correct;
      }
    }
    this.updates++;
    this.instance.update(this.optimizer, step.learningRate, this.updates);
    return sum;
  }

  /** Adds the gradients of some shards to the batch's gradient. */
  private async round(step: ResolvedStep, first: number, end: number): Promise<Metrics[]> {
    const { instance, exchange } = this;
    const { member, members, speeds } = exchange;
    const own = shareOf(end - first, member, members, speeds);
    const range = { first: first + own.first, end: first + own.end };
    const images = await this.imagesOf(step, range);
    if (members === 1) {
      return shardNumbers(range).map((shard) =>
        this.shardGradient(step, images, shard - range.first, shard, instance.total, shard > 0),
      );
    }
    const room = instance.shardGradients(ROUND, METRICS);
    const length = room.values.length / ROUND;
    const at = (shard: number) => (shard - first + 1) * length - METRICS;
    for (const shard of shardNumbers(range)) {
      const address = room.addressOf(shard - first);
      const { loss, correct } = this.shardGradient(step, images, shard - range.first, shard, address, false);
      room.values.set([loss, correct], at(shard));
    }
    const lengths = Array.from({ length: members }, (_, each) => {
      const share = shareOf(end - first, each, members, speeds);
      return (share.end - share.first) * length;
    });
    await exchange.gather(room.values.subarray(0, (end - first) * length), lengths);
    return shardNumbers({ first, end }).map((shard) => {
      instance.addGradient(room.addressOf(shard - first), shard === 0);
      return { loss: room.values[at(shard)], correct: room.values[at(shard) + 1] };
    });
  }

  /** The images of some shards, attacked if the step has an attack. */
  private async imagesOf(
    { images, labels, attack }: ResolvedStep,
    { first, end }: { first: number; end: number },
  ): Promise<Pixels> {
    const { pixels } = this.instance.plan;
    const [from, to] = [first * SHARD, Math.min(end * SHARD, labels.length)];
    const own = images.subarray(from * pixels, to * pixels);
    return attack && to > from ? this.attacked(own, labels.subarray(from, to), from, attack) : own;
  }

  private attacked(
    images: Pixels,
    labels: Uint8Array,
    firstIndex: number,
    attack: BatchAttack,
  ): Promise<Float32Array> {
    const { instance } = this;
    const { pixels, logits } = instance.plan;
    return attackBatch({
      ...attack,
      original: asFloats(images),
      pixels,
      firstIndex,
      gradient: async (current) =>
        inputGradient(instance, current, logits, { kind: 'crossEntropy', labels }).gradient,
    });
  }

  /**
   * Runs one shard forward and backward.
   * @param index index of the shard among this member's `images`; `shard` is its index in the batch.
   */
  private shardGradient(
    { labels, dropoutSeed = 0 }: ResolvedStep,
    images: Pixels,
    index: number,
    shard: number,
    gradient: number,
    accumulate: boolean,
  ): Metrics {
    const { instance } = this;
    const { pixels, classes, logits } = instance.plan;
    const own = labels.subarray(shard * SHARD, (shard + 1) * SHARD);
    const from = index * SHARD * pixels;
    instance.pack(images.subarray(from, from + own.length * pixels));
    instance.forward(logits, { place: shard * SHARD, seed: dropoutSeed, step: this.updates });
    const rows = new Float32Array(own.length * classes);
    instance.read(logits.tensor, own.length, rows);
    let loss = 0;
    let correct = 0;
    own.forEach((label, image) => {
      const row = Float64Array.from(rows.subarray(image * classes, (image + 1) * classes));
      correct += argmax(row) === label ? 1 : 0;
      logSoftmaxRow(row);
      loss -= row[label];
      likelihoodGradient(row, label, 1 / labels.length);
      rows.set(row, image * classes);
    });
    instance.writeGradient(logits.tensor, rows);
    instance.backward(logits, { gradient, accumulate });
    return { loss: Math.fround(loss), correct };
  }
}

function shardNumbers({ first, end }: { first: number; end: number }): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i);
}
