import { CallError } from '../../../callError.ts';
import { type NetworkDescription, parameterShapes, sizeOf } from '../../../model/network.ts';
import { assertOptimizerState, type OptimizerDescription, slotNames } from '../../../model/optimizer.ts';
import { assertParameters, type NetworkState, type Parameters } from '../../../model/parameters.ts';
import { seedWords } from '../../../random/philox.ts';
import type {
  BatchAttack,
  Engine,
  InputGradient,
  Objective,
  Pixels,
  TrainingResult,
  TrainingStep,
} from '../../engine.ts';
import {
  asFloats,
  checkLabels,
  checkObjective,
  countImages,
  type DescribedObjective,
  differentiateRow,
} from '../../shared/objective.ts';
import { type Plan, planNetwork, type Stage } from '../../shared/plan.ts';
import { logSoftmaxRow } from '../../shared/softmax.ts';
import { adapterName, type OwnedDevice } from '../device/device.ts';
import { radiusInside } from '../kernels/attack.ts';
import { attackPrograms } from './attack.ts';
import { LEVELS, wordsOf } from './elements.ts';
import {
  type BufferRef,
  type Dispatch,
  type OperationPrograms,
  operationPrograms,
  type ParameterPlace,
  stepPrograms,
} from './programs.ts';
import { Runner } from './runner.ts';
import { packRecord, recordStride, type StepRecord } from './wgsl.ts';

/** Images of one pass without training; fewer where their activations would be large. */
const CHUNK = 64;
/** Maximum number of steps per submit, so that the page can draw in between; a step of an attack counts as well. */
const STEPS_PER_SUBMIT = 16;

export interface LayeredOptions {
  network: NetworkDescription;
  optimizer: OptimizerDescription;
  owned: OwnedDevice;
  /** Whether disposing the engine destroys the device. */
  ownsDevice: boolean;
}

/** Networks of any depth on WebGPU: one dispatch for each layer and direction, all activations kept, no float atomics. */
export class LayeredWebGpuEngine implements Engine {
  readonly id = 'webgpu';
  readonly network: NetworkDescription;
  readonly optimizer: OptimizerDescription;
  readonly device: OwnedDevice;
  readonly #ownsDevice: boolean;
  readonly #plan: Plan;
  readonly #runner: Runner;
  readonly #places: ParameterPlace[];
  readonly #length: number;
  readonly #operations: OperationPrograms[];
  readonly #step: ReturnType<typeof stepPrograms>;
  #labels?: Uint8Array;
  #updates = 0;
  #capacity = 0;

  constructor({ network, optimizer, owned, ownsDevice }: LayeredOptions) {
    this.network = network;
    this.optimizer = optimizer;
    this.device = owned;
    this.#ownsDevice = ownsDevice;
    this.#plan = planNetwork(network);
    this.#runner = new Runner(owned);
    let offset = 0;
    this.#places = parameterShapes(network).map(({ name, shape }) => {
      const length = sizeOf(shape);
      offset += length;
      return { name, offset: offset - length, length };
    });
    this.#length = offset;
    this.#operations = operationPrograms(this.#plan, this.#places);
    this.#step = stepPrograms(this.#plan, optimizer, offset);
    for (const ref of this.#blocks('gradients')) this.#runner.ensure(ref, 4 * offset);
  }

  get description(): string {
    return adapterName(this.device.adapter);
  }

  get arithmetic(): string {
    return this.description;
  }

  /** The parameters, the optimizer's slots, and other buffers of the same length. */
  #blocks(...more: BufferRef[]): BufferRef[] {
    const slots = slotNames(this.optimizer).map((_, i): BufferRef => (i === 0 ? 'first' : 'second'));
    return ['parameters', ...slots, ...more];
  }

  async load({ parameters, optimizer }: NetworkState): Promise<void> {
    this.device.assertAlive('load');
    assertParameters(this.network, parameters, 'load');
    if (optimizer) assertOptimizerState(this.network, this.optimizer, optimizer, 'load');
    const records = [parameters, ...slotNames(this.optimizer).map((name) => optimizer?.slots[name])];
    this.#blocks().forEach((ref, index) => {
      const block = new Float32Array(this.#length);
      for (const { name, offset } of this.#places) {
        const values = records[index]?.[name];
        if (values) block.set(values, offset);
      }
      this.#runner.queue.write(this.#runner.buffer(ref), 0, block);
    });
    this.#updates = optimizer?.step ?? 0;
  }

  async state(): Promise<Required<NetworkState>> {
    this.device.assertAlive('state');
    const step = this.#updates;
    const bytes = 4 * this.#length;
    const refs = this.#blocks();
    const all = await this.#read(refs.map((ref) => ({ ref, bytes })));
    const [parameters, ...slots] = refs.map((_, index) =>
      this.#record(all.subarray(index * this.#length, (index + 1) * this.#length)),
    );
    const names = slotNames(this.optimizer);
    return {
      parameters,
      optimizer: {
        kind: this.optimizer.kind,
        step,
        slots: Object.fromEntries(slots.map((slot, i) => [names[i], slot])),
      },
    };
  }

  async parameters(names = this.#places.map(({ name }) => name)): Promise<Parameters> {
    this.device.assertAlive('parameters');
    const places = names.map((name) => {
      const place = this.#places.find((each) => each.name === name);
      if (!place) {
        const known = this.#places.map((each) => each.name).join(', ');
        throw new CallError('parameters', `expected names among ${known}, found "${name}"`);
      }
      return place;
    });
    const all = await this.#read(
      places.map(({ offset, length }) => ({ ref: 'parameters', offset: 4 * offset, bytes: 4 * length })),
    );
    let end = 0;
    return Object.fromEntries(
      places.map(({ name, length }) => {
        end += length;
        return [name, all.slice(end - length, end)];
      }),
    );
  }

  #record(block: Float32Array): Parameters {
    return Object.fromEntries(
      this.#places.map(({ name, offset, length }) => [name, block.slice(offset, offset + length)]),
    );
  }

  async #read(parts: { ref: BufferRef; offset?: number; bytes: number }[]): Promise<Float32Array> {
    return new Float32Array(
      await this.#runner.queue.read(
        parts.map(({ ref, offset, bytes }) => ({ buffer: this.#runner.buffer(ref), offset, bytes })),
      ),
    );
  }

  async setData(images: Uint8Array, labels: Uint8Array): Promise<void> {
    this.device.assertAlive('setData');
    const { pixels, classes } = this.#plan;
    const count = countImages(images, pixels, 'setData');
    checkLabels(labels, count, classes, 'setData');
    const stride = 4 * wordsOf(pixels);
    const data = this.#runner.ensure('data', 4 * LEVELS + count * stride);
    this.#runner.queue.write(
      data,
      0,
      Float32Array.from({ length: LEVELS }, (_, byte) => byte / 255),
    );
    const packed = new Uint8Array(count * stride);
    if (stride === pixels) packed.set(images);
    else {
      for (let image = 0; image < count; image++) {
        packed.set(images.subarray(image * pixels, (image + 1) * pixels), image * stride);
      }
    }
    this.#runner.queue.write(data, 4 * LEVELS, packed);
    this.#labels = labels.slice();
  }

  async train(steps: TrainingStep[]): Promise<TrainingResult> {
    this.device.assertAlive('train');
    const batches = this.#checked(steps);
    const total = batches.reduce((sum, { labels }) => sum + labels.length, 0);
    if (total === 0) return { losses: new Float32Array(0), correct: new Int32Array(0) };
    await this.#runner.compile([
      ...this.#operations.flatMap(({ forward, unrectify, backward, gradients }) => [
        forward,
        unrectify,
        backward,
        ...gradients,
      ]),
      ...Object.values(this.#step),
      ...steps.flatMap(({ attack }) => (attack ? Object.values(this.#attackOf(attack)) : [])),
    ]);
    this.#ensure(Math.max(...batches.map(({ labels }) => labels.length)));
    this.#runner.ensure('metrics', 8 * total);
    const attacked = batches.filter((_, i) => steps[i].attack).map(({ labels }) => labels.length);
    if (attacked.length > 0) this.#runner.ensure('original', 4 * Math.max(...attacked) * this.#plan.pixels);
    let slot = 0;
    for (let first = 0; first < steps.length; ) {
      const end = await this.#submit(steps, batches, first, slot);
      for (; first < end; first++) slot += batches[first].labels.length;
    }
    const metrics = await this.#read([{ ref: 'metrics', bytes: 8 * total }]);
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

  /** Each step's labels and rows of the data. @throws for a step that fits neither the data nor the network. */
  #checked(steps: TrainingStep[]): { labels: Uint8Array; indices?: Int32Array }[] {
    const { pixels, classes } = this.#plan;
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

  /** Submits some steps; one whose images come with it goes alone. @returns the step after the last. */
  async #submit(
    steps: TrainingStep[],
    batches: { labels: Uint8Array; indices?: Int32Array }[],
    first: number,
    slot: number,
  ): Promise<number> {
    const end = endOfSubmit(steps, first);
    const records = batches.slice(first, end).map(({ labels, indices }, i): StepRecord => {
      const record = this.#stepRecord(steps[first + i], this.#updates + i, labels, slot);
      slot += labels.length;
      return { ...record, indices };
    });
    this.#updates += records.length;
    this.#writeRecords(records);
    const [step] = steps.slice(first);
    if ('images' in step) {
      const images = new Float32Array(asFloats(step.images));
      this.#runner.queue.write(this.#runner.buffer({ activations: 0 }), 0, images);
    }
    this.#runner.queue.submit((encoder) => {
      const pass = encoder.beginComputePass();
      records.forEach(({ count }, i) => {
        const { attack } = steps[first + i];
        if (!('images' in step)) this.#runner.dispatch(pass, this.#step.gather, count, i);
        if (attack) this.#encodeAttack(pass, attack, count, i);
        this.#encodeStep(pass, count, i);
      });
      pass.end();
    });
    return end;
  }

  #attackOf({ norm, randomStart }: BatchAttack): ReturnType<typeof attackPrograms> {
    return attackPrograms(this.#plan.pixels, { norm, randomStart });
  }

  /** Attacks the batch in place: gradients of the loss by the pixels, without dropout. */
  #encodeAttack(pass: GPUComputePassEncoder, attack: BatchAttack, count: number, record: number): void {
    const { start, step } = this.#attackOf(attack);
    const run = (dispatch: Dispatch) => this.#runner.dispatch(pass, dispatch, count, record);
    run(start);
    for (let made = 0; made < attack.steps; made++) {
      for (const { forward, dropout } of this.#operations) {
        if (!dropout) run(forward);
      }
      run(this.#step.head);
      this.#encodeInputGradient(pass, this.#plan.logits, count, record);
      run(step);
    }
  }

  #stepRecord(step: TrainingStep, updates: number, labels: Uint8Array, slot: number): StepRecord {
    const number = updates + 1;
    const factors =
      this.optimizer.kind === 'adam'
        ? { rate: step.learningRate / (1 - 0.9 ** number), correction: 1 / Math.sqrt(1 - 0.999 ** number) }
        : { rate: step.learningRate };
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
      ...factors,
    };
  }

  #writeRecords(records: StepRecord[]): void {
    const stride = recordStride(Math.max(...records.map(({ count }) => count)));
    const packed = new ArrayBuffer(records.length * stride);
    records.forEach((record, i) => {
      packRecord(record, packed, i * stride);
    });
    this.#runner.writeRecords(packed, stride);
  }

  #encodeStep(pass: GPUComputePassEncoder, count: number, record: number): void {
    const run = (dispatch: Dispatch) => this.#runner.dispatch(pass, dispatch, count, record);
    for (const { forward } of this.#operations) run(forward);
    run(this.#step.head);
    const { operations } = this.#plan;
    const lowest = operations.findIndex((operation) => 'weights' in operation);
    for (let index = operations.length - 1; index >= lowest; index--) {
      const operation = operations[index];
      const { unrectify, gradients, backward } = this.#operations[index];
      if (unrectify && 'rectify' in operation && operation.rectify) run(unrectify);
      for (const gradient of gradients) run(gradient);
      if (index > lowest) run(backward);
    }
    run(this.#step.update);
  }

  /** Allocates memory for `count` images. */
  #ensure(count: number): void {
    if (count <= this.#capacity) return;
    this.#capacity = count;
    this.#plan.tensors.forEach(({ maps, rows, columns }, tensor) => {
      const bytes = 4 * count * maps * rows * columns;
      this.#runner.ensure({ activations: tensor }, bytes);
      this.#runner.ensure({ gradient: tensor }, bytes);
    });
    this.#plan.operations.forEach((operation, index) => {
      if (operation.kind === 'pool') {
        const { maps, rows, columns } = this.#plan.tensors[operation.target];
        this.#runner.ensure({ winners: index }, 4 * count * maps * rows * columns);
      }
    });
  }

  async forward(images: Pixels, layer: string): Promise<Float32Array> {
    this.device.assertAlive('forward');
    const stage = this.#stageOf(layer, 'forward');
    const units = this.#unitsAt(stage);
    const count = this.#count(images, 'forward');
    await this.#compileTo(stage);
    const result = new Float32Array(count * units);
    for (let first = 0; first < count; first += CHUNK) {
      const end = Math.min(first + CHUNK, count);
      const rows = result.subarray(first * units, end * units);
      rows.set(await this.#activations(images, stage, first, end));
      if (stage.logSoftmax) {
        for (let at = 0; at < rows.length; at += units) {
          const row = Float64Array.from(rows.subarray(at, at + units));
          logSoftmaxRow(row);
          rows.set(row, at);
        }
      }
    }
    return result;
  }

  async #compileTo(stage: Stage): Promise<void> {
    const last = stage.truncated ? this.#operations[stage.operations - 1].truncated : undefined;
    const operations = this.#operations.slice(0, stage.operations);
    await this.#runner.compile([last, ...operations.map(({ forward }) => forward)]);
  }

  /** Activations of some images at a stage, which stay in its tensor. */
  async #activations(images: Pixels, stage: Stage, first: number, end: number): Promise<Float32Array> {
    const { pixels } = this.#plan;
    const count = end - first;
    this.#ensure(count);
    const part = new Float32Array(asFloats(images.subarray(first * pixels, end * pixels)));
    this.#writeRecords([{ count }]);
    this.#runner.queue.write(this.#runner.buffer({ activations: 0 }), 0, part);
    this.#runner.queue.submit((encoder) => {
      const pass = encoder.beginComputePass();
      for (let index = 0; index < stage.operations; index++) {
        const { forward, truncated, dropout } = this.#operations[index];
        const last = stage.truncated && index === stage.operations - 1;
        if (!dropout) this.#runner.dispatch(pass, (last && truncated) || forward, count);
      }
      pass.end();
    });
    return this.#read([{ ref: { activations: stage.tensor }, bytes: 4 * count * this.#unitsAt(stage) }]);
  }

  async inputGradient(
    images: Pixels,
    layer: string,
    objective: Objective,
    { activations: wanted = false }: { activations?: boolean } = {},
  ): Promise<InputGradient> {
    this.device.assertAlive('inputGradient');
    if (objective.kind === 'callback') {
      const activations = await this.forward(images, layer);
      // Copy, because the callback may keep its arguments.
      const { values, cotangent } = objective.evaluate(activations.slice());
      const { gradient } = await this.inputGradient(images, layer, { kind: 'cotangent', cotangent });
      return wanted ? { values, gradient, activations } : { values, gradient };
    }
    const asked = this.#stageOf(layer, 'inputGradient');
    const count = this.#count(images, 'inputGradient');
    const { pixels, classes, logits } = this.#plan;
    checkObjective(objective, { count, units: this.#unitsAt(asked), classes });
    const stage = objective.kind === 'crossEntropy' ? logits : asked;
    await this.#compileTo(stage);
    const below = this.#operations.slice(0, stage.operations);
    await this.#runner.compile(below.flatMap(({ unrectify, backward }) => [unrectify, backward]));
    const result: InputGradient = {
      values: new Float64Array(count),
      gradient: new Float32Array(count * pixels),
    };
    for (let first = 0; first < count; first += CHUNK) {
      await this.#gradientOf(
        images,
        stage,
        objective,
        { first, end: Math.min(first + CHUNK, count) },
        result,
      );
    }
    return wanted ? { ...result, activations: await this.forward(images, layer) } : result;
  }

  async #gradientOf(
    images: Pixels,
    stage: Stage,
    objective: DescribedObjective,
    { first, end }: { first: number; end: number },
    { values, gradient }: InputGradient,
  ): Promise<void> {
    const { pixels } = this.#plan;
    const units = this.#unitsAt(stage);
    const count = end - first;
    const rows = new Float32Array(await this.#activations(images, stage, first, end));
    for (let n = 0; n < count; n++) {
      const row = rows.subarray(n * units, (n + 1) * units);
      values[first + n] = differentiateRow(row, stage.logSoftmax, objective, first + n);
    }
    this.#runner.queue.write(this.#runner.buffer({ gradient: stage.tensor }), 0, rows);
    this.#runner.queue.submit((encoder) => {
      const pass = encoder.beginComputePass();
      this.#encodeInputGradient(pass, stage, count);
      pass.end();
    });
    gradient.set(await this.#read([{ ref: { gradient: 0 }, bytes: 4 * count * pixels }]), first * pixels);
  }

  /** From the gradient at a stage's tensor to that of the pixels, without dropout. */
  #encodeInputGradient(pass: GPUComputePassEncoder, stage: Stage, count: number, record = 0): void {
    for (let index = stage.operations - 1; index >= 0; index--) {
      const operation = this.#plan.operations[index];
      const { unrectify, backward, dropout } = this.#operations[index];
      const truncated = stage.truncated && index === stage.operations - 1;
      if (unrectify && 'rectify' in operation && operation.rectify && !truncated) {
        this.#runner.dispatch(pass, unrectify, count, record);
      }
      if (!dropout) this.#runner.dispatch(pass, backward, count, record);
    }
  }

  #unitsAt({ tensor }: Stage): number {
    const { maps, rows, columns } = this.#plan.tensors[tensor];
    return maps * rows * columns;
  }

  #count(images: Pixels, caller: string): number {
    return countImages(images, this.#plan.pixels, caller);
  }

  #stageOf(layer: string, caller: string): Stage {
    const stage = this.#plan.stages.get(layer);
    if (!stage) {
      const known = [...this.#plan.stages.keys()].join(', ');
      throw new CallError(caller, `expected a layer among ${known}, found "${layer}"`);
    }
    return stage;
  }

  async dispose(): Promise<void> {
    this.#runner.destroy();
    if (this.#ownsDevice) this.device.device.destroy();
  }
}

/** The step after the last one of a submit. */
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
