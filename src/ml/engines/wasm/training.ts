import { attackBatch } from '../../perturbations/step.ts';
import type { BatchAttack, Pixels, TrainingResult } from '../engine.ts';
import { asFloats } from '../shared/objective.ts';
import { argmax, likelihoodGradient, logSoftmaxRow } from '../shared/softmax.ts';
import type { Exchange } from './exchange.ts';
import { inputGradient } from './inference.ts';
import type { Instance } from './instance.ts';
import { adamFactors, type Groups, type Kind, type Part } from './store.ts';

/** A training step with its images. */
export interface ResolvedStep {
  images: Pixels;
  labels: Uint8Array;
  learningRate: number;
  attack?: BatchAttack;
  dropoutSeed?: number;
}

/**
 * A member's share in whole groups: as equal as possible, where the first members get the remainder, or in proportion to the
 * members' speeds.
 */
export function shareOf(total: number, member: number, members: number, speeds?: readonly number[]): Groups {
  if (speeds) {
    const whole = speeds.reduce((sum, speed) => sum + speed, 0);
    const endOf = (count: number) =>
      Math.round((total * speeds.slice(0, count).reduce((sum, speed) => sum + speed, 0)) / whole);
    return { first: endOf(member), end: endOf(member + 1) };
  }
  const each = Math.floor(total / members);
  const more = total % members;
  const first = member * each + Math.min(member, more);
  return { first, end: first + each + (member < more ? 1 : 0) };
}

/**
 * Trains a member's groups of channels. The other members of a pool run the same steps on their groups, and only
 * partial logits are exchanged. These are summed per group in the groups' order, so the weights do not depend on
 * which member computed them.
 */
export class Trainer {
  readonly instance: Instance;
  readonly exchange: Exchange;
  /** Number of updates made: Adam's step. */
  updates = 0;
  private readonly groups: Groups;

  constructor(instance: Instance, exchange: Exchange) {
    this.instance = instance;
    this.exchange = exchange;
    const { member, members, speeds } = exchange;
    this.groups = shareOf(instance.family.groups, member, members, speeds);
  }

  async train(steps: ResolvedStep[]): Promise<TrainingResult> {
    const losses = new Float32Array(steps.length);
    const correct = new Int32Array(steps.length);
    for (let i = 0; i < steps.length; i++) {
      const result = await this.step(steps[i]);
      losses[i] = result.loss;
      correct[i] = result.correct;
    }
    return { losses, correct };
  }

  /** Fetches the other members' groups of one part. */
  async synchronize(kind: Kind, part: Part): Promise<void> {
    const { store, family } = this.instance;
    const all = store.view(kind, part, { first: 0, end: family.groups });
    await this.exchange.gather(all, this.lengths(all.length / family.groups));
  }

  /** Lengths of all members' shares, with this many values per group. */
  private lengths(ofGroup: number): number[] {
    return this.shares(this.instance.family.groups).map(({ first, end }) => (end - first) * ofGroup);
  }

  private shares(total: number): Groups[] {
    const { members, speeds } = this.exchange;
    return Array.from({ length: members }, (_, member) => shareOf(total, member, members, speeds));
  }

  private async step(step: ResolvedStep): Promise<{ loss: number; correct: number }> {
    const { instance, groups } = this;
    const { labels } = step;
    const { classes, paddedClasses } = instance.family;
    const images = step.attack ? await this.attack(step, step.attack) : step.images;
    const blocks = instance.pack(images);
    const partials = instance.partialLogits(blocks, groups);
    await this.exchange.gather(partials, this.lengths(blocks * paddedClasses * 4));
    const rows = instance.sumLogits(partials, labels.length);
    let loss = 0;
    let correct = 0;
    for (let image = 0; image < labels.length; image++) {
      const row = rows.subarray(image * classes, (image + 1) * classes);
      const label = labels[image];
      correct += argmax(row) === label ? 1 : 0;
      logSoftmaxRow(row);
      loss -= row[label] / labels.length;
      likelihoodGradient(row, label, 1 / labels.length);
    }
    this.updates++;
    instance.update(rows, groups, adamFactors(step.learningRate, this.updates));
    return { loss, correct };
  }

  /** Attacks the step's images: each member attacks its share of them on the whole network. */
  private async attack({ images, labels }: ResolvedStep, attack: BatchAttack): Promise<Float32Array> {
    const { pixels } = this.instance.family;
    if (this.exchange.members > 1) {
      await this.synchronize('weights', 'filter');
      await this.synchronize('weights', 'dense');
    }
    const shares = this.shares(labels.length);
    const { first, end } = shares[this.exchange.member];
    const ownLabels = labels.subarray(first, end);
    const own = await attackBatch({
      ...attack,
      original: asFloats(images.subarray(first * pixels, end * pixels)),
      pixels,
      firstIndex: first,
      gradient: async (current) =>
        inputGradient(this.instance, current, 'logits', { kind: 'crossEntropy', labels: ownLabels }).gradient,
    });
    if (this.exchange.members === 1) {
      return own;
    }
    const attacked = new Float32Array(images.length);
    attacked.set(own, first * pixels);
    await this.exchange.gather(
      attacked,
      shares.map((share) => (share.end - share.first) * pixels),
    );
    return attacked;
  }
}
