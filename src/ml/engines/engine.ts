import { CallError } from '../callError.ts';
import type { NetworkDescription } from '../model/network.ts';
import type { OptimizerDescription } from '../model/optimizer.ts';
import type { NetworkState, Parameters } from '../model/parameters.ts';

/** Images [n, pixels], row-major: float32 in [0, 1], or bytes that stand for byte / 255. */
export type Pixels = Float32Array | Uint8Array;

/** Adversarial training: each image of the batch is attacked before the update (Madry et al. 2018). */
export interface BatchAttack {
  norm: 'linf' | 'l2';
  epsilon: number;
  /** 1 step of size epsilon without a random start is FGSM; more steps are PGD. */
  steps: number;
  stepSize: number;
  randomStart: boolean;
  seed: number;
}

export type TrainingStep = {
  learningRate: number;
  attack?: BatchAttack;
  /** Of dropout's masks, together with the count of updates made before: the run's seed. Default 0. */
  dropoutSeed?: number;
} & (
  | {
      /** Rows of the data given to `setData`; any number of them is a batch. */
      indices: Int32Array;
    }
  | { images: Pixels; labels: Uint8Array }
);

export interface TrainingResult {
  /** Mean loss of each step's batch, before its update. */
  losses: Float32Array;
  /** Correct predictions in each step's batch, before its update. */
  correct: Int32Array;
}

/** The function that `inputGradient` differentiates, with one value per image. */
export type Objective =
  | {
      /** Mean over units of (activation - target)^2; target [n, units]. */
      kind: 'squaredError';
      target: Float32Array;
    }
  | {
      /**
       * sign x negative log-likelihood of the label (the layer is ignored: it is of the logits).
       * The true class's share of the gradient is minus the sum of the other probabilities, which
       * does not cancel in float32.
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
      /** Any function of the activations [n, units]: returns each image's value and d(value)/d(activation). */
      kind: 'callback';
      evaluate(activations: Float32Array): { values: Float64Array; cotangent: Float32Array };
    };

export interface InputGradient {
  /** One value of the objective per image. */
  values: Float64Array;
  /** d(value of image i) / d(pixels of image i), [n, pixels]. */
  gradient: Float32Array;
  /** Activations at the layer, [n, units], where they were asked for. */
  activations?: Float32Array;
}

export type EngineId = 'webgpu' | 'wasm' | 'tfjs-webgpu' | 'tfjs-webgl' | 'tfjs-cpu';

/**
 * One network with its optimizer. The science is written over this
 * interface; an engine only makes it fast. Shapes and names are PyTorch's. Calls on one instance must
 * not overlap: await each before the next.
 */
export interface Engine {
  readonly id: EngineId;
  readonly network: NetworkDescription;
  readonly optimizer: OptimizerDescription;
  /** Display name of the hardware: a GPU's name, "2 workers, fused multiply-add", "CPU". */
  readonly description: string;
  /** Equal for engines of one id that compute the same bits, such as any number of the wasm engine's workers. */
  readonly arithmetic: string;
  /** Sets parameters and optimizer state (a new one by default). The engine copies its input. */
  load(state: NetworkState): Promise<void>;
  /** A copy of parameters and optimizer. */
  state(): Promise<Required<NetworkState>>;
  /** A copy of some parameters (default: all), cheap enough to call at drawing rate. */
  parameters(names?: string[]): Promise<Parameters>;
  /** The training images [n, pixels] as bytes and their labels, that `indices` point into. Called once. */
  setData(images: Uint8Array, labels: Uint8Array): Promise<void>;
  /** Dropout is on here alone: losses, counts and the updates are those of the network with units dropped. */
  train(steps: TrainingStep[]): Promise<TrainingResult>;
  /** Activations [n, units] at a layer of the description, `input` included. */
  forward(images: Pixels, layer: string): Promise<Float32Array>;
  inputGradient(
    images: Pixels,
    layer: string,
    objective: Objective,
    options?: { activations?: boolean },
  ): Promise<InputGradient>;
  /** Frees all device memory. The instance must not be used afterwards. */
  dispose(): Promise<void>;
}

/** The device was lost. Request a new device and continue from the last checkpoint. */
export class DeviceLostError extends CallError {
  override name = 'DeviceLostError';
}

/** The browser does not compile one of the engine's programs, so that another device would not help. */
export class ShaderError extends Error {
  override name = 'ShaderError';
}
