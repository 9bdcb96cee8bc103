import { CallError } from '../../callError.ts';
import type { NetworkDescription } from '../../model/network.ts';
import {
  ADAM,
  assertOptimizer,
  assertOptimizerState,
  type OptimizerDescription,
} from '../../model/optimizer.ts';
import {
  assertParameters,
  copyParameters,
  type NetworkState,
  type Parameters,
} from '../../model/parameters.ts';
import type { Engine, InputGradient, Objective, Pixels, TrainingResult, TrainingStep } from '../engine.ts';
import { type Context, createContext } from './context.ts';
import { acquireDevice, adapterName, type OwnedDevice } from './device/device.ts';
import { type GpuLayer, Inference } from './inference.ts';
import { inputLayerGradient } from './inputLayer.ts';
import { LEVELS } from './kernels/gather.ts';
import {
  denseSection,
  filtersSection,
  packState,
  parameterNames,
  unpackDense,
  unpackFilters,
} from './kernels/layout.ts';
import { type NetworkSizes, networkSizes, supportsNetwork } from './kernels/sizes.ts';
import { checkLabels, packImages, sourceBytes, sourceLevels, toFloats } from './kernels/source.ts';
import { hardwareTuning, softwareTuning, type Tuning } from './kernels/tile.ts';
import { unpackedLength, unpackKernel, unpackWorkgroups } from './kernels/unpack.ts';
import { LayeredWebGpuEngine } from './layered/engine.ts';
import { Trainer } from './training.ts';

export interface WebGpuEngineOptions {
  network: NetworkDescription;
  /** Default: Adam. */
  optimizer?: OptimizerDescription;
  /** Default: the fused programs if they support the network, otherwise the layered ones. */
  program?: 'fused' | 'layered';
  /**
   * The device to run on, which stays alive when the engine is disposed. By default the engine creates and destroys
   * its own.
   */
  device?: OwnedDevice;
  /** How the work is divided; by default adapted to hardware or a software adapter. */
  tuning?: Tuning;
}

/** An engine of WGSL programs with its device, for code that destroys a device on purpose. */
export interface GpuEngine extends Engine {
  readonly id: 'webgpu';
  readonly device: OwnedDevice;
}

/**
 * Creates an engine of WGSL programs: fused ones for one convolution, ReLU and one linear layer with Adam, layered
 * ones for all other networks.
 * @throws if the layers do not fit together, or if there is no device.
 */
export async function createWebGpuEngine({
  network,
  optimizer = ADAM,
  program = fits(network, optimizer) ? 'fused' : 'layered',
  device,
  tuning,
}: WebGpuEngineOptions): Promise<GpuEngine> {
  if (program === 'fused') return createFusedEngine({ network, device, tuning });
  assertOptimizer(optimizer, 'createWebGpuEngine');
  const owned = device ?? (await acquireDevice());
  owned.assertAlive('createWebGpuEngine');
  return new LayeredWebGpuEngine({ network, optimizer, owned, ownsDevice: !device });
}

function fits(network: NetworkDescription, optimizer: OptimizerDescription): boolean {
  return optimizer.kind === 'adam' && supportsNetwork(network) === undefined;
}

/**
 * The fused engine: weights, moments and images stay on the GPU, and no activation is stored in memory.
 * @throws if the network is not supported (see `supportsNetwork`), or if there is no device.
 */
export async function createFusedEngine({
  network,
  device,
  tuning,
}: Pick<WebGpuEngineOptions, 'network' | 'device' | 'tuning'>): Promise<WebGpuEngine> {
  const reason = supportsNetwork(network);
  if (reason !== undefined) {
    throw new CallError('createWebGpuEngine', reason);
  }
  const owned = device ?? (await acquireDevice());
  owned.assertAlive('createWebGpuEngine');
  const sizes = networkSizes(network);
  const chosen = tuning ?? (owned.adapter.isSoftware ? softwareTuning : hardwareTuning)(sizes);
  return new WebGpuEngine(network, createContext(owned, sizes, chosen), !device);
}

export class WebGpuEngine implements Engine {
  readonly id = 'webgpu';
  readonly network: NetworkDescription;
  readonly optimizer = ADAM;
  readonly #context: Context;
  readonly #trainer: Trainer;
  readonly #inference: Inference;
  readonly #ownsDevice: boolean;
  #labels?: Uint8Array;
  #steps = 0;

  constructor(network: NetworkDescription, context: Context, ownsDevice: boolean) {
    this.#ownsDevice = ownsDevice;
    this.network = network;
    this.#context = context;
    this.#trainer = new Trainer(context);
    this.#inference = new Inference(context);
  }

  get description(): string {
    return adapterName(this.device.adapter);
  }

  get arithmetic(): string {
    return this.description;
  }

  get device(): OwnedDevice {
    return this.#context.owned;
  }

  async load(state: NetworkState): Promise<void> {
    this.device.assertAlive('load');
    assertParameters(this.network, state.parameters, 'load');
    if (state.optimizer) assertOptimizerState(this.network, this.optimizer, state.optimizer, 'load');
    const { filters, dense } = packState(this.#sizes, state);
    this.#context.queue.write(this.#buffer('filters'), 0, filters);
    this.#context.queue.write(this.#buffer('dense'), 0, dense);
    this.#steps = state.optimizer?.step ?? 0;
  }

  async state(): Promise<Required<NetworkState>> {
    this.device.assertAlive('state');
    const sections = [filtersSection(this.#sizes), denseSection(this.#sizes)];
    const step = this.#steps;
    const all = new Float32Array(
      await this.#context.queue.read([
        { buffer: this.#buffer('filters'), bytes: 12 * sections[0] },
        { buffer: this.#buffer('dense'), bytes: 12 * sections[1] },
      ]),
    );
    const [parameters, exp_avg, exp_avg_sq] = [0, 1, 2].map((section) => {
      const filters = section * sections[0];
      const dense = 3 * sections[0] + section * sections[1];
      return this.#inOrder({
        ...unpackFilters(this.#sizes, all.subarray(filters, filters + sections[0])),
        ...unpackDense(this.#sizes, all.subarray(dense, dense + sections[1])),
      });
    });
    return { parameters, optimizer: { kind: 'adam', step, slots: { exp_avg, exp_avg_sq } } };
  }

  async parameters(names = Object.values(parameterNames(this.#sizes))): Promise<Parameters> {
    this.device.assertAlive('parameters');
    const { denseWeight, ...others } = parameterNames(this.#sizes);
    const known = [denseWeight, ...Object.values(others)];
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new CallError('parameters', `expected names among ${known.join(', ')}, found "${unknown}"`);
    }
    const filtersBytes = names.some((name) => name !== denseWeight) ? 4 * filtersSection(this.#sizes) : 0;
    const denseBytes = names.includes(denseWeight) ? 4 * denseSection(this.#sizes) : 0;
    const all = new Float32Array(
      await this.#context.queue.read([
        { buffer: this.#buffer('filters'), bytes: filtersBytes },
        { buffer: this.#buffer('dense'), bytes: denseBytes },
      ]),
    );
    const found = {
      ...(filtersBytes ? unpackFilters(this.#sizes, all.subarray(0, filtersBytes / 4)) : {}),
      ...(denseBytes ? unpackDense(this.#sizes, all.subarray(filtersBytes / 4)) : {}),
    };
    return Object.fromEntries(names.map((name) => [name, found[name]]));
  }

  async setData(images: Uint8Array, labels: Uint8Array): Promise<void> {
    this.device.assertAlive('setData');
    const { pixels, outputs } = this.#sizes;
    const { device } = this.device;
    if (images.length !== labels.length * pixels) {
      throw new CallError(
        'setData',
        `expected ${labels.length} x ${pixels} bytes for ${labels.length} labels, found ${images.length}`,
      );
    }
    checkLabels(labels, outputs, 'setData');
    const bytes = sourceBytes(this.#sizes, labels.length);
    const most = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
    if (bytes > most) {
      throw new CallError(
        'setData',
        `expected at most ${most} bytes of images on this device, found ${bytes}`,
      );
    }
    this.#context.shared.get('source')?.destroy();
    const source = device.createBuffer({
      label: 'source',
      size: bytes,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    });
    this.#context.queue.write(source, 0, sourceLevels());
    this.#context.queue.write(source, 4 * LEVELS, packImages(this.#sizes, images));
    this.#context.shared.set('source', source);
    this.#trainer.workspace.rebind();
    this.#labels = labels.slice();
  }

  async train(steps: TrainingStep[]): Promise<TrainingResult> {
    this.device.assertAlive('train');
    if (steps.length === 0) {
      return { losses: new Float32Array(0), correct: new Int32Array(0) };
    }
    const result = await this.#trainer.train(steps, this.#steps, this.#labels);
    this.#steps += steps.length;
    return result;
  }

  async forward(images: Pixels, layer: string): Promise<Float32Array> {
    this.device.assertAlive('forward');
    this.#checkImages(images, 'forward');
    const gpuLayer = this.#layer(layer, 'forward');
    return gpuLayer === 'input' ? toFloats(images) : this.#inference.forward(images, gpuLayer);
  }

  async inputGradient(
    images: Pixels,
    layer: string,
    objective: Objective,
    { activations: wantsActivations = false }: { activations?: boolean } = {},
  ): Promise<InputGradient> {
    this.device.assertAlive('inputGradient');
    this.#checkImages(images, 'inputGradient');
    const gpuLayer = this.#layer(layer, 'inputGradient');
    this.#checkObjective(objective, images.length / this.#sizes.pixels, gpuLayer);
    const activations =
      wantsActivations || objective.kind === 'callback' ? await this.forward(images, layer) : undefined;
    const result = await this.#gradient(images, gpuLayer, objective, activations);
    return wantsActivations ? { ...result, activations } : result;
  }

  /**
   * Copies the parameters on the device into new GPU buffers in PyTorch's layout. The caller destroys the buffers.
   */
  async parameterBuffers(): Promise<Record<string, GPUBuffer>> {
    const unpack = await this.#context.program(unpackKernel(this.#sizes));
    this.device.assertAlive('parameterBuffers');
    const { device } = this.device;
    const buffers = unpack.bindings.map(({ name }) => {
      const shared = this.#context.shared.get(name);
      const size = 4 * unpackedLength(this.#sizes, name);
      // TensorFlow.js copies into a buffer with the same usage flags.
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
      return shared ?? device.createBuffer({ label: name, size, usage });
    });
    const group = device.createBindGroup({
      layout: unpack.layout,
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    this.#context.queue.submit((encoder) => {
      const pass = encoder.beginComputePass();
      pass.setPipeline(unpack.pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(unpackWorkgroups(this.#sizes));
      pass.end();
    });
    const [, , filterWeight, filterBias, denseWeight, denseBias] = buffers;
    const names = parameterNames(this.#sizes);
    return {
      [names.filterWeight]: filterWeight,
      [names.filterBias]: filterBias,
      [names.denseWeight]: denseWeight,
      [names.denseBias]: denseBias,
    };
  }

  /** Bytes of device memory that this engine uses, without the read buffer. */
  get deviceBytes(): number {
    const shared = [...this.#context.shared.values()].reduce((total, { size }) => total + size, 0);
    return shared + this.#trainer.workspace.bytes + this.#inference.workspace.bytes;
  }

  async dispose(): Promise<void> {
    this.#trainer.destroy();
    this.#inference.destroy();
    this.#context.queue.destroy();
    for (const buffer of this.#context.shared.values()) {
      buffer.destroy();
    }
    this.#context.shared.clear();
    if (this.#ownsDevice) {
      this.device.device.destroy();
    }
  }

  get #sizes(): NetworkSizes {
    return this.#context.sizes;
  }

  async #gradient(
    images: Pixels,
    layer: GpuLayer | 'input',
    objective: Objective,
    activations: Float32Array | undefined,
  ): Promise<InputGradient> {
    if (layer === 'input' && objective.kind !== 'crossEntropy') {
      return inputLayerGradient(toFloats(images), this.#sizes.pixels, objective);
    }
    const gpuLayer = layer === 'input' ? 'linear' : layer;
    if (objective.kind === 'callback') {
      // Copy, because the callback may keep its arguments.
      const { values, cotangent } = objective.evaluate(activations?.slice() ?? new Float32Array(0));
      const result = await this.#inference.gradient(images, gpuLayer, { kind: 'cotangent', cotangent });
      return { ...result, values };
    }
    return this.#inference.gradient(images, gpuLayer, objective);
  }

  #layer(layer: string, caller: string): GpuLayer | 'input' {
    const { conv, relu, flatten, linear, logSoftmax } = this.#sizes.names;
    const layers: Record<string, GpuLayer | 'input'> = {
      input: 'input',
      [conv]: 'conv',
      [relu]: 'relu',
      [flatten]: 'relu',
      [linear]: 'linear',
      [logSoftmax]: 'logSoftmax',
    };
    if (!Object.hasOwn(layers, layer)) {
      throw new CallError(
        caller,
        `expected a layer among ${Object.keys(layers).join(', ')}, found "${layer}"`,
      );
    }
    return layers[layer];
  }

  #checkImages(images: Pixels, caller: string): void {
    const { pixels } = this.#sizes;
    if (images.length === 0 || images.length % pixels !== 0) {
      throw new CallError(caller, `expected images of ${pixels} pixels, found ${images.length} values`);
    }
  }

  #checkObjective(objective: Objective, count: number, layer: GpuLayer | 'input'): void {
    const { pixels, units, outputs } = this.#sizes;
    const layerUnits = layer === 'input' ? pixels : layer === 'conv' || layer === 'relu' ? units : outputs;
    const check = (what: string, found: number, expected: number) => {
      if (found !== expected) {
        throw new CallError('inputGradient', `expected ${expected} values in ${what}, found ${found}`);
      }
    };
    if (objective.kind === 'squaredError') {
      check('the target', objective.target.length, count * layerUnits);
    } else if (objective.kind === 'cotangent') {
      check('the cotangent', objective.cotangent.length, count * layerUnits);
    } else if (objective.kind === 'crossEntropy') {
      check('the labels', objective.labels.length, count);
      checkLabels(objective.labels, outputs, 'inputGradient');
    }
  }

  /** Sorts the record in PyTorch's order of names. */
  #inOrder(parameters: Parameters): Parameters {
    const names = Object.values(parameterNames(this.#sizes));
    return copyParameters(Object.fromEntries(names.map((name) => [name, parameters[name]])));
  }

  #buffer(name: 'filters' | 'dense'): GPUBuffer {
    const buffer = this.#context.shared.get(name);
    if (!buffer) {
      throw new CallError('webgpu', 'expected a live engine, found one that was disposed');
    }
    return buffer;
  }
}
