import { CallError } from '../../../callError.ts';
import { seedWords } from '../../../random/philox.ts';
import type { BatchAttack, TrainingResult, TrainingStep } from '../../engine.ts';
import { asFloats, checkLabels, countImages } from '../../shared/objective.ts';
import { adamScales } from '../kernels/adam.ts';
import { radiusInside } from '../kernels/attack.ts';
import { LEVELS } from '../kernels/gather.ts';
import { packImages, sourceBytes, sourceLevels } from '../kernels/source.ts';
import { attackPrograms } from './attack.ts';
import type { LayeredContext } from './context.ts';
import type { Dispatch } from './programs.ts';
import type { StepRecord } from './wgsl.ts';

/** Maximum number of steps per submit, so that the page can draw in between; each step of an attack counts as one. */
const STEPS_PER_SUBMIT = 16;

/** A step's labels, and the indices of its images unless the step brings its own images. */
interface Batch {
  labels: Uint8Array;
  indices?: Int32Array;
}

/** Updates the parameters on the device. */
export class LayeredTraining {
  readonly #context: LayeredContext;
  #labels?: Uint8Array;
  /** Number of updates made. */
  updates = 0;

  constructor(context: LayeredContext) {
    this.#context = context;
  }

  setData(images: Uint8Array, labels: Uint8Array): void {
    const { plan, runner } = this.#context;
    const count = countImages(images, plan.pixels, 'setData');
    checkLabels(labels, count, plan.classes, 'setData');
    const data = runner.ensure('data', sourceBytes(plan, count));
    runner.queue.write(data, 0, sourceLevels());
    runner.queue.write(data, 4 * LEVELS, packImages(plan, images));
    this.#labels = labels.slice();
  }

  async train(steps: TrainingStep[]): Promise<TrainingResult> {
    const batches = this.#checked(steps);
    const total = batches.reduce((sum, { labels }) => sum + labels.length, 0);
    if (total === 0) return { losses: new Float32Array(0), correct: new Int32Array(0) };
    await this.#context.runner.compile([
      ...this.#context.operations.flatMap(({ forward, unrectify, backward, gradients }) => [
        forward,
        unrectify,
        backward,
        ...gradients,
      ]),
      ...Object.values(this.#context.step),
      ...steps.flatMap(({ attack }) => (attack ? Object.values(this.#attackOf(attack)) : [])),
    ]);
    this.#context.ensure(Math.max(...batches.map(({ labels }) => labels.length)));
    this.#context.runner.ensure('metrics', 8 * total);
    const attacked = batches.filter((_, i) => steps[i].attack).map(({ labels }) => labels.length);
    if (attacked.length > 0)
      this.#context.runner.ensure('original', 4 * Math.max(...attacked) * this.#context.plan.pixels);
    let slot = 0;
    for (let first = 0; first < steps.length; ) {
      const end = await this.#submit(steps, batches, first, slot);
      for (; first < end; first++) slot += batches[first].labels.length;
    }
    const metrics = await this.#context.read([{ ref: 'metrics', bytes: 8 * total }]);
    const losses = new Float32Array(steps.length);
    const correct = new Int32Array(steps.length);
    slot = 0;
    batches.forEach(({ labels }, i) => {
      let loss = 0;
      for (let n = 0; n < labels.length; n++, slot++) {
        loss += metrics[2 * slot];
        correct[i] += metrics[2 * slot + 1];
      }
      losses[i] = loss / labels.length;
    });
    return { losses, correct };
  }

  /** The batch of each step. @throws for a step that fits neither the data nor the network. */
  #checked(steps: TrainingStep[]): Batch[] {
    const { pixels, classes } = this.#context.plan;
    return steps.map((step) => {
      if ('images' in step) {
        const count = countImages(step.images, pixels, 'train');
        if (count === 0)
          throw new CallError('train', 'expected at least one image in each batch, found none');
        checkLabels(step.labels, count, classes, 'train');
        return { labels: step.labels };
      }
      const { indices } = step;
      const known = this.#labels;
      if (!known) throw new CallError('train', 'expected setData before steps with indices');
      const bad = indices.find((index) => !(index >= 0 && index < known.length));
      if (bad !== undefined || indices.length === 0) {
        throw new CallError(
          'train',
          `expected indices from 0 to ${known.length - 1}, found ${bad ?? 'none'}`,
        );
      }
      return { labels: Uint8Array.from(indices, (index) => known[index]), indices };
    });
  }

  /** Submits some steps; a step with its own images is submitted alone. @returns the index of the next step. */
  async #submit(steps: TrainingStep[], batches: Batch[], first: number, slot: number): Promise<number> {
    const end = endOfSubmit(steps, first);
    const records = batches.slice(first, end).map(({ labels, indices }, i): StepRecord => {
      const record = this.#stepRecord(steps[first + i], this.updates + i, labels, slot);
      slot += labels.length;
      return { ...record, indices };
    });
    this.updates += records.length;
    this.#context.writeRecords(records);
    const [step] = steps.slice(first);
    if ('images' in step) {
      const images = new Float32Array(asFloats(step.images));
      this.#context.runner.queue.write(this.#context.runner.buffer({ activations: 0 }), 0, images);
    }
    this.#context.runner.queue.submit((encoder) => {
      const pass = encoder.beginComputePass();
      records.forEach(({ count }, i) => {
        const { attack } = steps[first + i];
        if (!('images' in step)) this.#context.runner.dispatch(pass, this.#context.step.gather, count, i);
        if (attack) this.#encodeAttack(pass, attack, count, i);
        this.#encodeStep(pass, count, i);
      });
      pass.end();
    });
    return end;
  }

  #attackOf({ norm, randomStart }: BatchAttack): ReturnType<typeof attackPrograms> {
    return attackPrograms(this.#context.plan.pixels, { norm, randomStart });
  }

  /** Attacks the batch in place: gradients of the loss by the pixels, without dropout. */
  #encodeAttack(pass: GPUComputePassEncoder, attack: BatchAttack, count: number, record: number): void {
    const { start, step } = this.#attackOf(attack);
    const run = (dispatch: Dispatch) => this.#context.runner.dispatch(pass, dispatch, count, record);
    run(start);
    for (let made = 0; made < attack.steps; made++) {
      for (const { forward, dropout } of this.#context.operations) {
        if (!dropout) run(forward);
      }
      run(this.#context.step.head);
      this.#context.encodeInputGradient(pass, this.#context.plan.logits, count, record);
      run(step);
    }
  }

  #stepRecord(step: TrainingStep, updates: number, labels: Uint8Array, slot: number): StepRecord {
    const { learningRate } = step;
    const isAdam = this.#context.optimizer.kind === 'adam';
    const { stepSize: rate, secondMomentScale: correction } = isAdam
      ? adamScales(updates + 1, learningRate)
      : { stepSize: learningRate };
    return {
      count: labels.length,
      slot,
      dropoutSeed: seedWords(step.dropoutSeed ?? 0),
      step: updates,
      scale: 1 / labels.length,
      labels,
      attack: step.attack && {
        ...step.attack,
        epsilon: radiusInside(step.attack.norm, step.attack.epsilon),
      },
      rate,
      correction,
    };
  }

  #encodeStep(pass: GPUComputePassEncoder, count: number, record: number): void {
    const run = (dispatch: Dispatch) => this.#context.runner.dispatch(pass, dispatch, count, record);
    for (const { forward } of this.#context.operations) run(forward);
    run(this.#context.step.head);
    const { operations } = this.#context.plan;
    const lowest = operations.findIndex((operation) => 'weights' in operation);
    for (let index = operations.length - 1; index >= lowest; index--) {
      const operation = operations[index];
      const { unrectify, gradients, backward } = this.#context.operations[index];
      if (unrectify && 'rectify' in operation && operation.rectify) run(unrectify);
      for (const gradient of gradients) run(gradient);
      if (index > lowest) run(backward);
    }
    run(this.#context.step.update);
  }
}

/** The index after a submit's last step. */
function endOfSubmit(steps: TrainingStep[], first: number): number {
  if ('images' in steps[first]) return first + 1;
  let passes = 0;
  let end = first;
  while (end < steps.length && !('images' in steps[end])) {
    passes += 1 + (steps[end].attack?.steps ?? 0);
    if (passes > STEPS_PER_SUBMIT && end > first) break;
    end++;
  }
  return end;
}
