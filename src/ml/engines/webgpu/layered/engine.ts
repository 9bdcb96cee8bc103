import { CallError } from '../../../callError.ts';
import type { NetworkDescription } from '../../../model/network.ts';
import { assertOptimizerState, type OptimizerDescription, slotNames } from '../../../model/optimizer.ts';
import { assertParameters, type NetworkState, type Parameters } from '../../../model/parameters.ts';
import type { Engine, InputGradient, Objective, Pixels, TrainingResult, TrainingStep } from '../../engine.ts';
import { adapterName, type OwnedDevice } from '../device/device.ts';
import { LayeredContext } from './context.ts';
import { LayeredInference } from './inference.ts';
import { LayeredTraining } from './training.ts';

export interface LayeredOptions {
  network: NetworkDescription;
  optimizer: OptimizerDescription;
  owned: OwnedDevice;
  /** Whether disposing the engine destroys the device. */
  ownsDevice: boolean;
}

/**
 * Networks of any depth on WebGPU: one dispatch for each layer and direction. All activations are kept. There are no float
 * atomics, so results do not depend on the order of threads.
 */
export class LayeredWebGpuEngine implements Engine {
  readonly id = 'webgpu';
  readonly network: NetworkDescription;
  readonly optimizer: OptimizerDescription;
  readonly device: OwnedDevice;
  readonly #ownsDevice: boolean;
  readonly #context: LayeredContext;
  readonly #training: LayeredTraining;
  readonly #inference: LayeredInference;

  constructor({ network, optimizer, owned, ownsDevice }: LayeredOptions) {
    this.network = network;
    this.optimizer = optimizer;
    this.device = owned;
    this.#ownsDevice = ownsDevice;
    this.#context = new LayeredContext(network, optimizer, owned);
    this.#training = new LayeredTraining(this.#context);
    this.#inference = new LayeredInference(this.#context);
  }

  get description(): string {
    return adapterName(this.device.adapter);
  }

  get arithmetic(): string {
    return this.description;
  }

  async load({ parameters, optimizer }: NetworkState): Promise<void> {
    this.device.assertAlive('load');
    assertParameters(this.network, parameters, 'load');
    if (optimizer) assertOptimizerState(this.network, this.optimizer, optimizer, 'load');
    const records = [parameters, ...slotNames(this.optimizer).map((name) => optimizer?.slots[name])];
    this.#context.blocks().forEach((ref, index) => {
      const block = new Float32Array(this.#context.length);
      for (const { name, offset } of this.#context.places) {
        const values = records[index]?.[name];
        if (values) block.set(values, offset);
      }
      this.#context.runner.queue.write(this.#context.runner.buffer(ref), 0, block);
    });
    this.#training.updates = optimizer?.step ?? 0;
  }

  async state(): Promise<Required<NetworkState>> {
    this.device.assertAlive('state');
    const step = this.#training.updates;
    const bytes = 4 * this.#context.length;
    const refs = this.#context.blocks();
    const all = await this.#context.read(refs.map((ref) => ({ ref, bytes })));
    const [parameters, ...slots] = refs.map((_, index) =>
      this.#record(all.subarray(index * this.#context.length, (index + 1) * this.#context.length)),
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

  async parameters(names = this.#context.places.map(({ name }) => name)): Promise<Parameters> {
    this.device.assertAlive('parameters');
    const places = names.map((name) => {
      const place = this.#context.places.find((each) => each.name === name);
      if (!place) {
        const known = this.#context.places.map((each) => each.name).join(', ');
        throw new CallError('parameters', `expected names among ${known}, found "${name}"`);
      }
      return place;
    });
    const all = await this.#context.read(
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
      this.#context.places.map(({ name, offset, length }) => [name, block.slice(offset, offset + length)]),
    );
  }

  async setData(images: Uint8Array, labels: Uint8Array): Promise<void> {
    this.device.assertAlive('setData');
    this.#training.setData(images, labels);
  }

  async train(steps: TrainingStep[]): Promise<TrainingResult> {
    this.device.assertAlive('train');
    return this.#training.train(steps);
  }

  async forward(images: Pixels, layer: string): Promise<Float32Array> {
    this.device.assertAlive('forward');
    return this.#inference.forward(images, layer);
  }

  async inputGradient(
    images: Pixels,
    layer: string,
    objective: Objective,
    options?: { activations?: boolean },
  ): Promise<InputGradient> {
    this.device.assertAlive('inputGradient');
    return this.#inference.inputGradient(images, layer, objective, options);
  }

  async dispose(): Promise<void> {
    this.#context.runner.destroy();
    if (this.#ownsDevice) this.device.device.destroy();
  }
}
