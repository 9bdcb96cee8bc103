import type { NetworkDescription } from '../../model/network.ts';
import { assertParameters, type NetworkState, type Parameters } from '../../model/parameters.ts';
import type { Engine, InputGradient, Objective, Pixels, TrainingResult, TrainingStep } from '../engine.ts';
import { describeFamily, type Family, type Stage } from './family.ts';
import { forward, inputGradient } from './inference.ts';
import { Instance } from './instance.ts';
import { type Arithmetic, availableArithmetic } from './kernels.ts';
import type { Kind } from './store.ts';
import { Trainer } from './training.ts';

export { supportsNetwork } from './family.ts';
export { type Arithmetic, availableArithmetic } from './kernels.ts';

export interface WasmEngineOptions {
  network: NetworkDescription;
  /** Default: what the machine has. A resumed run asks for the arithmetic that it was started with. */
  arithmetic?: Arithmetic;
}

export interface WasmEngine extends Engine {
  readonly id: 'wasm';
  /** Weights are bit-identical between runs of the same arithmetic, on any number of workers. */
  readonly arithmetic: Arithmetic;
}

/**
 * An engine of WebAssembly SIMD kernels, for conv (one input channel) - ReLU - flatten - linear - logSoftmax.
 * @throws for other networks, and for fused arithmetic where the machine has none.
 */
export async function createWasmEngine({ network, arithmetic }: WasmEngineOptions): Promise<WasmEngine> {
  const family = describeFamily(network);
  const available = await availableArithmetic();
  if (arithmetic === 'fused' && available === 'plain') {
    throw new Error(
      'createWasmEngine: expected fused multiply-add (relaxed SIMD), which this browser or processor does not have; go on with plain arithmetic or on another machine',
    );
  }
  const chosen = arithmetic ?? available;
  const instance = await Instance.create(family, chosen);
  const trainer = new Trainer(instance, { first: 0, end: family.groups }, async (share) => share);
  return new SingleEngine(network, family, chosen, instance, trainer);
}

class SingleEngine implements WasmEngine {
  readonly id = 'wasm';
  readonly network: NetworkDescription;
  readonly arithmetic: Arithmetic;
  private readonly family: Family;
  private readonly instance: Instance;
  private readonly trainer: Trainer;

  constructor(
    network: NetworkDescription,
    family: Family,
    arithmetic: Arithmetic,
    instance: Instance,
    trainer: Trainer,
  ) {
    this.network = network;
    this.family = family;
    this.arithmetic = arithmetic;
    this.instance = instance;
    this.trainer = trainer;
  }

  get description(): string {
    return `1 worker, ${this.arithmetic === 'fused' ? 'fused multiply-add' : 'plain multiply and add'}`;
  }

  async load({ parameters, optimizer }: NetworkState): Promise<void> {
    assertParameters(this.network, parameters, 'load');
    if (optimizer) {
      assertParameters(this.network, optimizer.firstMoment, 'load');
      assertParameters(this.network, optimizer.secondMoment, 'load');
    }
    const { store } = this.instance;
    store.write('weights', parameters);
    store.write('first', optimizer?.firstMoment);
    store.write('second', optimizer?.secondMoment);
    this.trainer.updates = optimizer?.step ?? 0;
  }

  async state(): Promise<Required<NetworkState>> {
    return {
      parameters: this.read('weights'),
      optimizer: {
        step: this.trainer.updates,
        firstMoment: this.read('first'),
        secondMoment: this.read('second'),
      },
    };
  }

  async parameters(names?: string[]): Promise<Parameters> {
    return this.read('weights', names);
  }

  private read(kind: Kind, names = Object.values(this.family.names)): Parameters {
    return Object.fromEntries(names.map((name) => [name, this.instance.store.read(kind, name)]));
  }

  async setData(images: Uint8Array, labels: Uint8Array): Promise<void> {
    this.trainer.data = { images, labels };
  }

  train(steps: TrainingStep[]): Promise<TrainingResult> {
    return this.trainer.train(steps);
  }

  async forward(images: Pixels, layer: string): Promise<Float32Array> {
    return forward(this.instance, images, this.stageOf(layer, 'forward'));
  }

  async inputGradient(
    images: Pixels,
    layer: string,
    objective: Objective,
    { activations: wanted = false } = {},
  ): Promise<InputGradient> {
    const stage = this.stageOf(layer, 'inputGradient');
    if (objective.kind !== 'callback') {
      const result = inputGradient(this.instance, images, stage, objective);
      return wanted ? { ...result, activations: forward(this.instance, images, stage) } : result;
    }
    const activations = forward(this.instance, images, stage);
    const { values, cotangent } = objective.evaluate(activations);
    const { gradient } = inputGradient(this.instance, images, stage, { kind: 'cotangent', cotangent });
    return wanted ? { values, gradient, activations } : { values, gradient };
  }

  private stageOf(layer: string, caller: string): Stage {
    const stage = this.family.stages.get(layer);
    if (!stage) {
      throw new Error(
        `${caller}: expected a layer among ${[...this.family.stages.keys()].join(', ')}, found "${layer}"`,
      );
    }
    return stage;
  }

  async dispose(): Promise<void> {}
}
