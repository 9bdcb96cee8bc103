import {
  DeviceLostError,
  type Engine,
  type EngineId,
  type InputGradient,
  type Objective,
  type Pixels,
  ShaderError,
  type TrainingResult,
  type TrainingStep,
} from '../engines/engine.ts';
import type { NetworkDescription } from '../model/network.ts';
import type { OptimizerDescription } from '../model/optimizer.ts';
import type { NetworkState, Parameters } from '../model/parameters.ts';

export interface DeviceLoss {
  /** The engine that continues. */
  resumedOn: Engine;
  /** Number of updates repeated from the last checkpoint. */
  replayedSteps: number;
  /** The reason why the engine could not continue. */
  reason: DeviceLostError | ShaderError;
}

interface ResilientOptions {
  /** Creates an engine on a new device; rejects if there is none. */
  create(): Promise<Engine>;
  /** Creates the engine that takes over if `create` fails. */
  fallback(): Promise<Engine>;
  onDeviceLoss(loss: DeviceLoss): void;
  /** Maximum number of updates between checkpoints. */
  checkpointEvery?: number;
}

const MOST_LOSSES_IN_ONE_CALL = 5;

/**
 * An engine that survives the loss of its device. It keeps the last checkpoint (parameters and moments) and the
 * steps made since; after a loss, a new device loads the checkpoint and repeats those steps. On the same kind of adapter,
 * the weights are bit-identical to those of an undisturbed run.
 */
export class ResilientEngine implements Engine {
  #engine: Engine;
  readonly #options: Required<ResilientOptions>;
  #data?: { images: Uint8Array; labels: Uint8Array };
  #checkpoint?: Required<NetworkState>;
  #stepsSince: TrainingStep[] = [];

  private constructor(engine: Engine, options: Required<ResilientOptions>) {
    this.#engine = engine;
    this.#options = options;
  }

  static async create({ checkpointEvery = 200, ...options }: ResilientOptions): Promise<ResilientEngine> {
    return new ResilientEngine(await options.create(), { checkpointEvery, ...options });
  }

  get id(): EngineId {
    return this.#engine.id;
  }

  get network(): NetworkDescription {
    return this.#engine.network;
  }

  get optimizer(): OptimizerDescription {
    return this.#engine.optimizer;
  }

  get description(): string {
    return this.#engine.description;
  }

  get arithmetic(): string {
    return this.#engine.arithmetic;
  }

  async load(state: NetworkState): Promise<void> {
    await this.#survive((engine) => engine.load(state));
    await this.#takeCheckpoint();
  }

  state(earlier?: NetworkState): Promise<Required<NetworkState>> {
    return this.#survive((engine) => engine.state(earlier));
  }

  parameters(names?: string[]): Promise<Parameters> {
    return this.#survive((engine) => engine.parameters(names));
  }

  async setData(images: Uint8Array, labels: Uint8Array): Promise<void> {
    this.#data = { images, labels };
    await this.#survive((engine) => engine.setData(images, labels));
  }

  async train(steps: TrainingStep[]): Promise<TrainingResult> {
    const losses = new Float32Array(steps.length);
    const correct = new Int32Array(steps.length);
    let done = 0;
    while (done < steps.length) {
      const room = this.#options.checkpointEvery - this.#stepsSince.length;
      const part = steps.slice(done, done + room);
      const result = await this.#survive((engine) => engine.train(part));
      losses.set(result.losses, done);
      correct.set(result.correct, done);
      this.#stepsSince.push(...part);
      done += part.length;
      if (this.#stepsSince.length >= this.#options.checkpointEvery) await this.#takeCheckpoint();
    }
    return { losses, correct };
  }

  forward(images: Pixels, layer: string): Promise<Float32Array> {
    return this.#survive((engine) => engine.forward(images, layer));
  }

  inputGradient(
    images: Pixels,
    layer: string,
    objective: Objective,
    options?: { activations?: boolean },
  ): Promise<InputGradient> {
    return this.#survive((engine) => engine.inputGradient(images, layer, objective, options));
  }

  dispose(): Promise<void> {
    return this.#engine.dispose();
  }

  async #takeCheckpoint(): Promise<void> {
    this.#checkpoint = await this.#survive((engine) => engine.state());
    this.#stepsSince = [];
  }

  async #survive<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    for (let losses = 0; ; losses++) {
      try {
        return await work(this.#engine);
      } catch (error) {
        if (!endsEngine(error) || losses >= MOST_LOSSES_IN_ONE_CALL) throw error;
        await this.#recover(error);
      }
    }
  }

  /** Replaces the lost engine. If the new engine is lost as well, the next call detects that and recovers. */
  async #recover(reason: DeviceLostError | ShaderError): Promise<void> {
    await this.#engine.dispose().catch(() => undefined);
    const { create, fallback } = this.#options;
    this.#engine = await (reason instanceof ShaderError ? fallback() : create().catch(fallback));
    try {
      if (this.#data) await this.#engine.setData(this.#data.images, this.#data.labels);
      if (this.#checkpoint) await this.#engine.load(this.#checkpoint);
      if (this.#stepsSince.length > 0) await this.#engine.train(this.#stepsSince);
    } catch (error) {
      if (endsEngine(error)) return;
      throw error;
    }
    this.#options.onDeviceLoss({
      resumedOn: this.#engine,
      replayedSteps: this.#stepsSince.length,
      reason,
    });
  }
}

function endsEngine(error: unknown): error is DeviceLostError | ShaderError {
  return error instanceof DeviceLostError || error instanceof ShaderError;
}
