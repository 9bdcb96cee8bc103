import { CallError } from '../../callError.ts';
import type { BatchAttack, TrainingResult, TrainingStep } from '../engine.ts';
import { type Context, ensureBatch } from './context.ts';
import { adamScales } from './kernels/adam.ts';
import { attackStartKernel, attackStepKernel, radiusInside } from './kernels/attack.ts';
import { backwardKernel, backwardWorkgroups } from './kernels/backward.ts';
import { forwardKernel, forwardPlan } from './kernels/forward.ts';
import { gatherKernel, gatherWorkgroups, transposeKernel } from './kernels/gather.ts';
import { headKernel, headWorkgroups } from './kernels/head.ts';
import { filterGroups, inputGradientKernel, partialGradientStride } from './kernels/inputGradient.ts';
import { WORKGROUP } from './kernels/kernel.ts';
import { packRecords, recordStride, type StepRecord } from './kernels/record.ts';
import { checkLabels, toFloats } from './kernels/source.ts';
import { fitTile, tileCount } from './kernels/tile.ts';
import { updateKernel, updateWorkgroups } from './kernels/update.ts';
import type { Program } from './programs.ts';
import { Workspace } from './workspace.ts';

/** Maximum number of multiply-adds of forward passes per submit, so that the page can draw between submits. */
const WORK_PER_SUBMIT = 4e9;
const MOST_STEPS_PER_SUBMIT = 256;

interface StepPrograms {
  gather: Program;
  transpose: Program;
  forward: Program;
  head: Program;
  backward: Program;
  update: Program;
}

interface AttackPrograms {
  start: Program;
  inputGradient: Program;
  step: Program;
}

/**
 * Encodes training steps. A step is 4 dispatches: forward, head, backward, update. `update` also gathers the next
 * step's images, so only the first step of a submit has a separate dispatch for that.
 */
export class Trainer {
  readonly #context: Context;
  readonly #workspace: Workspace;

  constructor(context: Context) {
    this.#context = context;
    this.#workspace = new Workspace(context.owned.device, context.shared);
  }

  get workspace(): Workspace {
    return this.#workspace;
  }

  /**
   * Makes the steps in order; one read at the end returns all losses and correct counts.
   * @param stepsBefore Adam's count of earlier updates.
   * @param dataLabels labels of the data that `indices` refer to.
   */
  async train(
    steps: TrainingStep[],
    stepsBefore: number,
    dataLabels: Uint8Array | undefined,
  ): Promise<TrainingResult> {
    const { queue, owned } = this.#context;
    steps.forEach((step) => {
      this.#check(step, dataLabels);
    });
    const counts = steps.map(batchSize);
    const programs = await this.#programs();
    const attacks = await Promise.all(steps.map(({ attack }) => attack && this.#attackPrograms(attack)));
    owned.assertAlive('train');
    const stride = recordStride(Math.max(...counts));
    this.#makeRoom(steps, counts, stride);

    const records = steps.map((step, i) => this.#record(step, counts[i], i, stepsBefore + i + 1, dataLabels));
    for (let first = 0; first < steps.length; ) {
      const last = this.#endOfSubmit(steps, counts, first);
      this.#writeInputs(steps[first], records.slice(first, last), stride);
      queue.submit((encoder) => {
        const pass = encoder.beginComputePass();
        for (let i = first; i < last; i++) {
          const at = { record: (i - first) * stride, nextRecord: (i + 1 - first) * stride };
          if (i === first) {
            this.#encodeInputs(pass, programs, steps[i], counts[i], at);
          }
          const attack = attacks[i];
          if (attack) {
            this.#encodeAttack(pass, programs, attack, steps[i].attack?.steps ?? 0, counts[i], at);
          }
          this.#encodeStep(pass, programs, counts[i], i + 1 < last ? counts[i + 1] : 0, at);
        }
        pass.end();
      });
      first = last;
    }
    return this.#readMetrics(counts);
  }

  destroy(): void {
    this.#workspace.destroy();
  }

  #check(step: TrainingStep, dataLabels: Uint8Array | undefined): void {
    const { pixels, outputs } = this.#context.sizes;
    if (!Number.isFinite(step.learningRate)) {
      throw new CallError('train', `expected a finite learning rate, found ${step.learningRate}`);
    }
    if ('indices' in step) {
      if (!dataLabels) {
        throw new CallError('train', 'expected setData before steps with indices, found no data');
      }
      const rows = dataLabels.length;
      const bad = step.indices.find((index) => index < 0 || index >= rows);
      if (bad !== undefined) {
        throw new CallError('train', `expected indices from 0 to ${rows - 1}, found ${bad}`);
      }
    } else if (step.images.length !== step.labels.length * pixels) {
      throw new CallError(
        'train',
        `expected ${step.labels.length} x ${pixels} pixels for ${step.labels.length} labels, found ${step.images.length}`,
      );
    } else {
      checkLabels(step.labels, outputs, 'train');
    }
    if (batchSize(step) === 0) {
      throw new CallError('train', 'expected at least one image in each batch, found an empty batch');
    }
  }

  async #programs(): Promise<StepPrograms> {
    const { sizes, tuning, program } = this.#context;
    const [gather, transpose, forward, head, backward, update] = await Promise.all(
      [
        gatherKernel(sizes),
        transposeKernel(sizes),
        forwardKernel(sizes, tuning.forward),
        headKernel(sizes, 'crossEntropy', 'linear', tuning.sums),
        backwardKernel(sizes, tuning.backward),
        updateKernel(sizes, tuning.backward.tile, tuning.sums),
      ].map(program),
    );
    return { gather, transpose, forward, head, backward, update };
  }

  async #attackPrograms({ norm, randomStart }: BatchAttack): Promise<AttackPrograms> {
    const { sizes, program } = this.#context;
    const [start, inputGradient, step] = await Promise.all(
      [
        attackStartKernel(sizes, norm, randomStart),
        inputGradientKernel(sizes, { from: 'dense' }),
        attackStepKernel(sizes, norm),
      ].map(program),
    );
    return { start, inputGradient, step };
  }

  #makeRoom(steps: TrainingStep[], counts: number[], stride: number): void {
    const { sizes, tuning } = this.#context;
    const most = Math.max(...counts);
    const workspace = this.#workspace;
    for (const count of new Set(counts)) {
      ensureBatch(this.#context, workspace, count);
    }
    workspace.ensureRecords(Math.min(steps.length, MOST_STEPS_PER_SUBMIT) + 1, stride);
    const tiles = tileCount(sizes, fitTile(sizes, tuning.backward.tile));
    workspace.ensure('filterGradients', 4 * sizes.filters * (sizes.taps + 1) * tiles);
    workspace.ensure('metrics', 8 * steps.length);
    if (steps.some(({ attack }) => attack)) {
      workspace.ensure('original', 4 * most * sizes.pixels);
      for (const count of new Set(counts)) {
        workspace.ensure(
          'partialGradient',
          4 * this.#filterGroups(count) * count * partialGradientStride(sizes),
        );
      }
    }
  }

  #record(
    step: TrainingStep,
    count: number,
    slot: number,
    number: number,
    dataLabels: Uint8Array | undefined,
  ): StepRecord {
    const { sizes, tuning } = this.#context;
    const { tilesPerBlock, blocks } = forwardPlan(sizes, tuning.forward, count);
    const indices = 'indices' in step ? step.indices : undefined;
    const labels =
      'labels' in step ? step.labels : Uint8Array.from(step.indices, (i) => dataLabels?.[i] ?? 0);
    return {
      count,
      tilesPerBlock,
      blocks,
      filterGroups: this.#filterGroups(count),
      slot,
      scale: 1 / count,
      ...adamScales(number, step.learningRate),
      attack: step.attack && {
        ...step.attack,
        epsilon: radiusInside(step.attack.norm, step.attack.epsilon),
      },
      indices,
      labels,
    };
  }

  /**
   * Steps with their own images are submitted separately: their pixels are written into the batch before the submit.
   */
  #endOfSubmit(steps: TrainingStep[], counts: number[], first: number): number {
    if (!('indices' in steps[first])) {
      return first + 1;
    }
    const { units, taps, outputs } = this.#context.sizes;
    let work = 0;
    let last = first;
    while (last < steps.length && 'indices' in steps[last] && last - first < MOST_STEPS_PER_SUBMIT) {
      work += counts[last] * units * (taps + outputs) * (1 + 2 * (steps[last].attack?.steps ?? 0));
      if (work > WORK_PER_SUBMIT && last > first) {
        break;
      }
      last += 1;
    }
    return last;
  }

  #writeInputs(step: TrainingStep, records: StepRecord[], stride: number): void {
    const { queue } = this.#context;
    queue.write(this.#workspace.ensure('record', 0), 0, packRecords(records, stride));
    if ('images' in step) {
      queue.write(this.#workspace.ensure('batch', 0), 0, toFloats(step.images));
    }
  }

  #encodeInputs(
    pass: GPUComputePassEncoder,
    programs: StepPrograms,
    step: TrainingStep,
    count: number,
    at: { record: number },
  ): void {
    const { sizes } = this.#context;
    if ('images' in step) {
      const workgroups = [Math.ceil(sizes.pixels / WORKGROUP), count] as const;
      this.#workspace.dispatch(pass, programs.transpose, workgroups, at);
    } else {
      this.#workspace.dispatch(pass, programs.gather, [gatherWorkgroups(sizes, count)], at);
    }
  }

  /** The four dispatches of a step. */
  #encodeStep(
    pass: GPUComputePassEncoder,
    programs: StepPrograms,
    count: number,
    nextCount: number,
    at: { record: number; nextRecord: number },
  ): void {
    const { sizes, tuning } = this.#context;
    const workspace = this.#workspace;
    const next = gatherWorkgroups(sizes, nextCount);
    workspace.dispatch(pass, programs.forward, forwardPlan(sizes, tuning.forward, count).workgroups, at);
    workspace.dispatch(pass, programs.head, [headWorkgroups(count, tuning.sums)], at);
    workspace.dispatch(pass, programs.backward, backwardWorkgroups(sizes, tuning.backward), at);
    workspace.dispatch(pass, programs.update, [updateWorkgroups(sizes, tuning.sums) + next], at);
  }

  #encodeAttack(
    pass: GPUComputePassEncoder,
    programs: StepPrograms,
    attack: AttackPrograms,
    attackSteps: number,
    count: number,
    at: { record: number },
  ): void {
    const { sizes, tuning } = this.#context;
    const workspace = this.#workspace;
    workspace.dispatch(pass, attack.start, [count], at);
    for (let i = 0; i < attackSteps; i++) {
      workspace.dispatch(pass, programs.forward, forwardPlan(sizes, tuning.forward, count).workgroups, at);
      workspace.dispatch(pass, programs.head, [headWorkgroups(count, tuning.sums)], at);
      workspace.dispatch(pass, attack.inputGradient, [count, this.#filterGroups(count)], at);
      workspace.dispatch(pass, attack.step, [count], at);
    }
  }

  #filterGroups(count: number): number {
    const { sizes, tuning } = this.#context;
    return filterGroups(sizes, tuning.inputGradient.workgroups, count);
  }

  async #readMetrics(counts: number[]): Promise<TrainingResult> {
    const bytes = 8 * counts.length;
    const metrics = new Float32Array(
      await this.#context.queue.read([{ buffer: this.#workspace.ensure('metrics', bytes), bytes }]),
    );
    return {
      losses: Float32Array.from(counts, (_, i) => metrics[2 * i]),
      correct: Int32Array.from(counts, (_, i) => metrics[2 * i + 1]),
    };
  }
}

function batchSize(step: TrainingStep): number {
  return 'indices' in step ? step.indices.length : step.labels.length;
}
