import { CallError } from '../callError.ts';
import type { NetworkDescription } from '../model/network.ts';
import type { OptimizerDescription } from '../model/optimizer.ts';
import type { NetworkState, Parameters } from '../model/parameters.ts';

/** Images [n, pixels], row-major: float32 in [0, 1], or bytes that represent byte / 255. */
export type Pixels = Float32Array | Uint8Array;

/** Adversarial training: each image of the batch is attacked before the update (Madry et al. 2018). */
export interface BatchAttack {
  norm: 'linf' | 'l2';
  epsilon: number;
  /** One step of size epsilon without a random start is FGSM; several steps are PGD. */
  steps: number;
  stepSize: number;
  randomStart: boolean;
  seed: number;
}

export type TrainingStep = {
  learningRate: number;
  attack?: BatchAttack;
  /** The run's seed; with the number of earlier updates it determines dropout's masks. Default 0. */
  dropoutSeed?: number;
} & (
  | {
      /** Rows of the data given to `setData`. A batch can have any number of rows. */
      indices: Int32Array;
    }
  | { images: Pixels; labels: Uint8Array }
);

export interface TrainingResult {
  /** Mean loss of each step's batch before the update. */
  losses: Float32Array;
  /** Number of correct predictions in each step's batch before the update. */
  correct: Int32Array;
}

/** The function that `inputGradient` differentiates; it has one value per image. */
export type Objective =
  | {
      /** Mean over units of (activation - target)^2; target [n, units]. */
      kind: 'squaredError';
      target: Float32Array;
    }
  | {
      /**
       * sign x negative log-likelihood of the label, computed from the logits (the layer is ignored). The true
       * class's part of the gradient is minus the sum of the other probabilities, which does not cancel in float32.
       */
      kind: 'crossEntropy';
      labels: Uint8Array;
      sign?: 1 | -1;
    }
  | {
      /** The gradient of sum(cotangent x activation); cotangent [n, units], values are that sum. */
      kind: 'cotangent';
      cotangent: Float32Array;
    }
  | {
      /** Any function of the activations [n, units]; returns each image's value and d(value) / d(activation). */
      kind: 'callback';
      evaluate(activations: Float32Array): { values: Float64Array; cotangent: Float32Array };
    };

export interface InputGradient {
  /** One value of the objective per image. */
  values: Float64Array;
  /** d(value of image i) / d(pixels of image i), [n, pixels]. */
  gradient: Float32Array;
  /** Activations at the layer, [n, units], if requested. */
  activations?: Float32Array;
}

export type EngineId = 'webgpu' | 'wasm' | 'tfjs-webgpu' | 'tfjs-webgl' | 'tfjs-cpu';

/**
 * One network with its optimizer. Training and analysis use only this interface. Shapes and names are PyTorch's.
 * Calls on one instance must not overlap: await each call before the next.
 */
export interface Engine {
  readonly id: EngineId;
  readonly network: NetworkDescription;
  readonly optimizer: OptimizerDescription;
  /** Display name of the hardware: a GPU's name, "2 workers, fused multiply-add", "CPU". */
  readonly description: string;
  /** Engines with equal ids compute identical bits, for example the wasm engine with any number of workers. */
  readonly arithmetic: string;
  /** Threads that compute, for engines on the processor's cores. */
  readonly workers?: number;
  /** Milliseconds that each of these threads waited for the others during the last `train`. */
  readonly waits?: readonly number[];
  /** Sets parameters and optimizer state (a new one by default). The engine copies its input. */
  load(state: NetworkState): Promise<void>;
  /** Copies the parameters and the optimizer, to the arrays of an earlier copy where the engine can. */
  state(earlier?: NetworkState): Promise<Required<NetworkState>>;
  /** Copies some parameters (default: all). Fast enough to call for every drawn frame. */
  parameters(names?: string[]): Promise<Parameters>;
  /** Sets the training images [n, pixels] as bytes and their labels, which `indices` refer to. Call once. */
  setData(images: Uint8Array, labels: Uint8Array): Promise<void>;
  /** Only here dropout is active: losses, counts and updates are those of the network with dropped units. */
  train(steps: TrainingStep[]): Promise<TrainingResult>;
  /** Activations [n, units] at a layer of the description, including `input`. */
  forward(images: Pixels, layer: string): Promise<Float32Array>;
  inputGradient(
    images: Pixels,
    layer: string,
    objective: Objective,
    options?: { activations?: boolean },
  ): Promise<InputGradient>;
  /** Frees all device memory. Do not use the instance afterwards. */
  dispose(): Promise<void>;
}

/** The device was lost. Request a new device and continue from the last checkpoint. */
export class DeviceLostError extends CallError {
  override name = 'DeviceLostError';
}

/** The browser cannot compile one of the engine's programs, so another device would not help. */
export class ShaderError extends Error {
  override name = 'ShaderError';
}
