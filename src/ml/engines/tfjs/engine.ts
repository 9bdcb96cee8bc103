import * as tf from '@tensorflow/tfjs';
import { CallError } from '../../callError.ts';
import {
  layerShapes,
  type NetworkDescription,
  parameterShapes,
  shapeAt,
  sizeOf,
} from '../../model/network.ts';
import { ADAM, assertOptimizerState, type OptimizerDescription, slotNames } from '../../model/optimizer.ts';
import { assertParameters, type NetworkState, type Parameters } from '../../model/parameters.ts';
import { attackBatch } from '../../perturbations/step.ts';
import { dropoutFactors } from '../../random/philox.ts';
import type { Engine, InputGradient, Objective, Pixels, TrainingResult, TrainingStep } from '../engine.ts';
import { type BackendLease, leaseBackend, type TfjsBackend } from './backend.ts';
import { applyNetwork, crossEntropy, type DeviceParameters, oneHotTensor } from './layers.ts';
import { assertObjective, objectiveTensor, objectiveValues } from './objectives.ts';
import { type Slot, updated } from './optimizer.ts';

/** Number of images on the device at once in `forward` and `inputGradient`; results do not depend on it. */
const CHUNK = 256;

/**
 * The readable reference for the other engines: plain TensorFlow.js operations with its autodiff. Runs any
 * description on any of TensorFlow.js's backends. The backend is global, so engines that exist at the same time in
 * one worker must use the same one.
 * @throws if the backend cannot run here, if another one is in use, or if the layers do not fit together.
 */
export async function createTfjsEngine({
  network,
  optimizer = ADAM,
  backend,
}: {
  network: NetworkDescription;
  optimizer?: OptimizerDescription;
  backend: TfjsBackend;
}): Promise<Engine> {
  assertNetwork(network);
  return new TfjsEngine(network, optimizer, backend, await leaseBackend(backend));
}

class TfjsEngine implements Engine {
  readonly id;
  readonly description: string;
  readonly arithmetic: string;
  private slots: Record<string, Slot> = {};
  private step = 0;
  private data: { images: Uint8Array; labels: Uint8Array } | undefined;
  private readonly pixels: number;
  /** The layer before the final log-softmax. */
  private readonly logits: string;
  private readonly classes: number;

  constructor(
    readonly network: NetworkDescription,
    readonly optimizer: OptimizerDescription,
    backend: TfjsBackend,
    private readonly lease: BackendLease,
  ) {
    this.description = lease.description;
    this.arithmetic = lease.description;
    this.id = `tfjs-${backend}` as const;
    this.pixels = sizeOf(shapeAt(network, 'input'));
    const layers = layerShapes(network);
    const last =
      network.layers.at(-1)?.kind === 'logSoftmax' ? layers[layers.length - 2] : layers[layers.length - 1];
    this.logits = last.name;
    this.classes = sizeOf(last.shape);
  }

  async load({ parameters, optimizer }: NetworkState): Promise<void> {
    assertParameters(this.network, parameters, 'load');
    if (optimizer) assertOptimizerState(this.network, this.optimizer, optimizer, 'load');
    this.disposeSlots();
    for (const { name, shape } of parameterShapes(this.network)) {
      // tensor() may keep the given array, so pass a copy.
      const upload = (values: Float32Array | undefined) =>
        values ? tf.tensor(values.slice(), shape) : tf.zeros(shape);
      this.slots[name] = {
        parameter: upload(parameters[name]),
        memory: slotNames(this.optimizer).map((slot) => upload(optimizer?.slots[slot][name])),
      };
    }
    this.step = optimizer?.step ?? 0;
  }

  async state(): Promise<Required<NetworkState>> {
    const slots: Record<string, Parameters> = {};
    for (const [index, name] of slotNames(this.optimizer).entries()) {
      slots[name] = await this.download(({ memory }) => memory[index]);
    }
    return {
      parameters: await this.parameters(),
      optimizer: { kind: this.optimizer.kind, step: this.step, slots },
    };
  }

  async parameters(names?: string[]): Promise<Parameters> {
    return this.download(({ parameter }) => parameter, names);
  }

  async setData(images: Uint8Array, labels: Uint8Array): Promise<void> {
    if (images.length !== labels.length * this.pixels) {
      throw new CallError(
        'setData',
        `expected ${labels.length} images of ${this.pixels} pixels, found ${images.length} pixels`,
      );
    }
    this.data = { images, labels };
  }

  async train(steps: TrainingStep[]): Promise<TrainingResult> {
    this.assertLoaded('train');
    const metrics: tf.Tensor[] = [];
    try {
      for (const step of steps) {
        const { images, labels } = this.batch(step);
        this.assertLabels(labels);
        const attacked = step.attack ? await this.attack(images, labels, step.attack) : images;
        metrics.push(this.update(attacked, labels, step));
      }
      // Read once for all steps, because each read waits for the device.
      const values = await this.read(
        tf.tidy(() => (metrics.length > 0 ? tf.stack(metrics) : tf.tensor1d([]))),
      );
      return {
        losses: values.filter((_, i) => i % 2 === 0),
        correct: Int32Array.from(values.filter((_, i) => i % 2 === 1)),
      };
    } finally {
      tf.dispose(metrics);
    }
  }

  async forward(images: Pixels, layer: string): Promise<Float32Array> {
    this.assertLoaded('forward');
    const units = sizeOf(shapeAt(this.network, layer));
    const count = this.countOf(images, 'forward');
    const output = new Float32Array(count * units);
    for (let first = 0; first < count; first += CHUNK) {
      const activations = tf.tidy(() =>
        applyNetwork(this.network, this.deviceParameters(), this.upload(images, first), layer),
      );
      output.set(await this.read(activations), first * units);
    }
    return output;
  }

  async inputGradient(
    images: Pixels,
    layer: string,
    objective: Objective,
    { activations: wantActivations = false } = {},
  ): Promise<InputGradient> {
    this.assertLoaded('inputGradient');
    const count = this.countOf(images, 'inputGradient');
    if (objective.kind === 'callback') {
      // Reading activations is asynchronous but autodiff is not, so the network runs twice here.
      const activations = await this.forward(images, layer);
      const { values, cotangent } = objective.evaluate(activations);
      const { gradient } = await this.inputGradient(images, layer, { kind: 'cotangent', cotangent });
      return wantActivations ? { values, gradient, activations } : { values, gradient };
    }
    const target = objective.kind === 'crossEntropy' ? this.logits : layer;
    const units = sizeOf(shapeAt(this.network, target));
    assertObjective(objective, count, units);
    const result: InputGradient = {
      values: new Float64Array(count),
      gradient: new Float32Array(count * this.pixels),
    };
    // Under crossEntropy, the returned activations are still those of the requested layer.
    const asked = sizeOf(shapeAt(this.network, layer));
    if (wantActivations) {
      result.activations = new Float32Array(count * asked);
    }
    for (let first = 0; first < count; first += CHUNK) {
      const size = Math.min(CHUNK, count - first);
      let kept: tf.Tensor | undefined;
      const { value, grad } = tf.tidy(() => {
        const fixed = objectiveTensor(objective, first, size, units);
        const valuesOf = (x: tf.Tensor) => {
          const parameters = this.deviceParameters();
          if (wantActivations) {
            kept = tf.keep(applyNetwork(this.network, parameters, x as tf.Tensor2D, layer));
          }
          const reached =
            kept && target === layer
              ? kept
              : applyNetwork(this.network, parameters, x as tf.Tensor2D, target);
          return objectiveValues(objective, tf.reshape(reached, [size, units]), fixed);
        };
        return tf.valueAndGrad(valuesOf)(this.upload(images, first), tf.ones([size]));
      });
      result.values.set(await this.read(value), first);
      result.gradient.set(await this.read(grad), first * this.pixels);
      if (kept) {
        result.activations?.set(await this.read(kept), first * asked);
      }
    }
    return result;
  }

  async dispose(): Promise<void> {
    this.disposeSlots();
    this.data = undefined;
    this.lease.release();
  }

  /** Makes one update. @returns the batch's mean loss and correct count before the update: [2]. */
  private update(
    images: Float32Array,
    labels: Uint8Array,
    { learningRate, dropoutSeed = 0 }: TrainingStep,
  ): tf.Tensor {
    const names = Object.keys(this.slots);
    const masks = this.dropoutMasks(dropoutSeed, labels.length);
    this.step += 1;
    const slots: Record<string, Slot> = {};
    const metrics = tf.tidy(() => {
      const x = tf.tensor2d(images, [labels.length, this.pixels]);
      const oneHot = oneHotTensor(labels, this.classes);
      let correct: tf.Tensor | undefined;
      const lossOf = (...values: tf.Tensor[]) => {
        const parameters = Object.fromEntries(names.map((name, i) => [name, values[i]]));
        const logits = applyNetwork(this.network, parameters, x, this.logits, masks);
        correct = tf.keep(tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), tf.argMax(oneHot, 1)), 'float32')));
        return tf.mean(crossEntropy(logits, oneHot));
      };
      const { value, grads } = tf.valueAndGrads(lossOf)(names.map((name) => this.slots[name].parameter));
      const metrics = tf.stack(correct ? [value, correct] : [value]);
      correct?.dispose();
      for (const [i, name] of names.entries()) {
        const update = { gradient: grads[i], step: this.step, learningRate };
        const slot = updated(this.optimizer, this.slots[name], update);
        slots[name] = {
          parameter: tf.keep(slot.parameter),
          memory: slot.memory.map((values) => tf.keep(values)),
        };
      }
      return metrics;
    });
    this.disposeSlots();
    this.slots = slots;
    return metrics;
  }

  /** The factors of each dropout layer for the next update, [count, units], by layer name. */
  private dropoutMasks(seed: number, count: number): Map<string, Float32Array> {
    const shapes = layerShapes(this.network);
    const masks = new Map<string, Float32Array>();
    this.network.layers.forEach((layer, index) => {
      if (layer.kind === 'dropout') {
        const place = { seed, step: this.step, layer: index };
        masks.set(layer.name, dropoutFactors(place, layer.rate, sizeOf(shapes[index].shape), count));
      }
    });
    return masks;
  }

  private attack(images: Float32Array, labels: Uint8Array, attack: NonNullable<TrainingStep['attack']>) {
    return attackBatch({
      ...attack,
      original: images,
      pixels: this.pixels,
      gradient: async (x) =>
        (await this.inputGradient(x, this.logits, { kind: 'crossEntropy', labels })).gradient,
    });
  }

  private batch(step: TrainingStep): { images: Float32Array; labels: Uint8Array } {
    if (!('indices' in step)) {
      const count = this.countOf(step.images, 'train');
      if (count !== step.labels.length || count === 0) {
        throw new CallError(
          'train',
          `expected as many labels as images and at least one, found ${step.labels.length} and ${count}`,
        );
      }
      return { images: toFloats(step.images, 0, count, this.pixels), labels: step.labels };
    }
    if (!this.data) {
      throw new CallError('train', 'expected setData() before steps with indices');
    }
    const { images, labels } = this.data;
    const { indices } = step;
    const bad = indices.find((index) => !(index >= 0 && index < labels.length));
    if (indices.length === 0 || bad !== undefined) {
      throw new CallError('train', `expected indices in 0..${labels.length - 1}, found ${bad ?? 'none'}`);
    }
    const batch = new Float32Array(indices.length * this.pixels);
    indices.forEach((index, i) => {
      batch.set(toFloats(images, index, 1, this.pixels), i * this.pixels);
    });
    return { images: batch, labels: Uint8Array.from(indices, (index) => labels[index]) };
  }

  private assertLabels(labels: Uint8Array): void {
    const bad = labels.find((label) => label >= this.classes);
    if (bad !== undefined) {
      throw new CallError('train', `expected labels below ${this.classes}, found ${bad}`);
    }
  }

  private upload(images: Pixels, first: number): tf.Tensor2D {
    const count = Math.min(CHUNK, images.length / this.pixels - first);
    return tf.tensor2d(toFloats(images, first, count, this.pixels), [count, this.pixels]);
  }

  private countOf(images: Pixels, caller: string): number {
    const count = images.length / this.pixels;
    if (!Number.isInteger(count)) {
      throw new CallError(caller, `expected images of ${this.pixels} pixels, found ${images.length} values`);
    }
    return count;
  }

  private deviceParameters(): DeviceParameters {
    return Object.fromEntries(Object.entries(this.slots).map(([name, { parameter }]) => [name, parameter]));
  }

  private async download(
    tensorOf: (slot: Slot) => tf.Tensor,
    names = Object.keys(this.slots),
  ): Promise<Parameters> {
    this.assertLoaded('parameters');
    const result: Parameters = {};
    for (const name of names) {
      const slot = this.slots[name];
      if (!slot) {
        throw new CallError(
          'parameters',
          `expected names among ${Object.keys(this.slots).join(', ')}, found "${name}"`,
        );
      }
      result[name] = await this.copy(tensorOf(slot));
    }
    return result;
  }

  private async read(tensor: tf.Tensor): Promise<Float32Array> {
    try {
      // Dispose a tensor only after its data() has resolved.
      return await this.copy(tensor);
    } finally {
      tensor.dispose();
    }
  }

  /** data() may return the tensor's own memory, so return a copy. */
  private async copy(tensor: tf.Tensor): Promise<Float32Array> {
    return (await this.lease.untilLost(tensor.data<'float32'>())).slice();
  }

  private disposeSlots(): void {
    for (const slot of Object.values(this.slots)) {
      tf.dispose([slot.parameter, ...slot.memory]);
    }
    this.slots = {};
  }

  private assertLoaded(caller: string): void {
    if (Object.keys(this.slots).length === 0 && parameterShapes(this.network).length > 0) {
      throw new CallError(caller, `expected load() first, found no parameters`);
    }
  }
}

function assertNetwork(network: NetworkDescription): void {
  layerShapes(network).forEach(({ shape }, index) => {
    if (network.layers[index - 1]?.kind === 'logSoftmax' && shape.length !== 1) {
      throw new CallError('createTfjsEngine', `expected a flat input of logSoftmax, found [${shape}]`);
    }
  });
}

/** Copies some images as float32 in [0, 1]. */
function toFloats(images: Pixels, first: number, count: number, pixels: number): Float32Array {
  const part = images.subarray(first * pixels, (first + count) * pixels);
  return part instanceof Uint8Array ? Float32Array.from(part, (byte) => byte / 255) : part.slice();
}
