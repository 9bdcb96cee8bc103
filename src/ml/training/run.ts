import { CallError } from '../callError.ts';
import type { BatchAttack, Engine, TrainingStep } from '../engines/engine.ts';
import { evaluate } from '../evaluation/evaluate.ts';
import { initialParameters } from '../model/initialize.ts';
import { assertParameters, type NetworkState, type Parameters } from '../model/parameters.ts';
import { type GeneratorState, Mt19937 } from '../random/mt19937.ts';
import { skipEvaluationDraw, trainingOrder } from '../random/order.ts';
import { hasSameBits, type LogEntry, recordedEngine } from './log.ts';
import { madeOf } from './madeOf.ts';
import { parseSchedule, type Schedule } from './schedule.ts';

export interface LabeledSet {
  /** [count, pixels], bytes that stand for byte / 255. */
  images: Uint8Array;
  labels: Uint8Array;
}

export interface RunSettings {
  batchSize: number;
  /** A number, or an expression of `epoch` and `step`, both from 0. */
  learningRate: number | string;
  /** Adversarial training; its seed is mixed with the step. */
  attack?: BatchAttack;
}

/** A run's position; together with the network's state, it is enough to continue the run. */
export interface RunPosition {
  seed: number;
  /** The generator's state before the present epoch's order was drawn. */
  generator: GeneratorState;
  step: number;
  /** Whole epochs done. */
  epoch: number;
  /** Number of images already used from the present epoch's order. */
  offset: number;
  /** Sums over the present epoch. */
  lossSum: number;
  correct: number;
  seconds: number;
}

export interface EpochResult {
  /** From 1. */
  epoch: number;
  /** Updates made when it ended. */
  step: number;
  /** Means over the images actually used. */
  trainLoss: number;
  trainAccuracy: number;
  testLoss: number;
  testAccuracy: number;
  seconds: number;
}

export interface ChunkResult {
  firstStep: number;
  losses: Float32Array;
  /** Accuracy of each batch before the update. */
  accuracies: Float32Array;
}

export interface TrainingHooks {
  /** Called before every chunk: returns the maximum number of steps to make next. May wait (a pause); 0 ends the call. */
  next(): number | Promise<number>;
  onChunk?(chunk: ChunkResult): void | Promise<void>;
  onEpoch?(result: EpochResult): void | Promise<void>;
}

export interface TrainRequest {
  /** Further epochs (with `order`: passes over it). Default 1. */
  epochs?: number;
  /** Further updates at most. */
  maxSteps?: number;
  /** Training-image indices to use, in this order, instead of the seeded shuffle. */
  order?: Int32Array;
}

export interface TrainOutcome {
  steps: number;
  losses: Float32Array;
  seconds: number;
  epochs: EpochResult[];
}

/**
 * The notebook's training loop over any engine: shuffled batches, the last partial one dropped, the test set
 * after each epoch. It always continues exactly where it stopped: the updates and their order do not depend on how steps
 * are divided into calls and chunks. With seed 111 it is the notebook's run.
 */
export class TrainingRun {
  engine: Engine;
  readonly #train: LabeledSet;
  readonly #test: LabeledSet;
  readonly #log: LogEntry[] = [];
  #position: RunPosition = freshPosition(0);
  #order?: Int32Array;
  #explicit?: { order: Int32Array; offset: number };
  #settings: { batchSize: number; schedule: Schedule; attack?: BatchAttack };

  /** `engine` must have been given the training set (`setData`). Call `reset` before training. */
  constructor(engine: Engine, train: LabeledSet, test: LabeledSet, settings: RunSettings) {
    this.engine = engine;
    this.#train = train;
    this.#test = test;
    this.#settings = this.#checkSettings(settings);
  }

  get position(): Readonly<RunPosition> {
    return this.#position;
  }

  get log(): readonly LogEntry[] {
    return this.#log;
  }

  /** As they hold for the next step. */
  get settings(): RunSettings {
    const { batchSize, schedule, attack } = this.#settings;
    return { batchSize, learningRate: schedule.text, attack };
  }

  get stepsPerEpoch(): number {
    return Math.floor(this.#train.labels.length / this.#settings.batchSize);
  }

  /** Fresh parameters and optimizer, and the random stream from its start. */
  async reset(seed: number): Promise<void> {
    const generator = new Mt19937(seed);
    const parameters = initialParameters(this.engine.network, generator);
    await this.engine.load({ parameters });
    this.#begin({ ...freshPosition(seed), generator: generator.state() });
    this.#log.length = 0;
    this.#note({ kind: 'reset', seed, ...madeOf(this.engine) });
    this.#note({ kind: 'engine', ...recordedEngine(this.engine) });
    this.#note({ kind: 'setting', name: 'batchSize', value: String(this.#settings.batchSize) });
    this.#note({ kind: 'setting', name: 'learningRate', value: this.#settings.schedule.text });
    if (this.#settings.attack) this.#noteAttack();
  }

  /** Loads parameters and creates a new optimizer; the random stream and the counts continue from the run's seed. */
  async loadParameters(parameters: Parameters, source: string): Promise<void> {
    assertParameters(this.engine.network, parameters, 'loadParameters');
    await this.engine.load({ parameters });
    const generator = new Mt19937(this.#position.seed);
    initialParameters(this.engine.network, generator);
    this.#begin({ ...freshPosition(this.#position.seed), generator: generator.state() });
    this.#note({ kind: 'parametersLoaded', source });
  }

  /** Continues from a checkpoint exactly, like an uninterrupted run. */
  async restore(position: RunPosition, state: NetworkState, log: readonly LogEntry[]): Promise<void> {
    await this.engine.load(state);
    this.#begin(position);
    this.#log.splice(0, this.#log.length, ...log);
    const now = recordedEngine(this.engine);
    const last = log.findLast((entry) => entry.kind === 'engine' || entry.kind === 'deviceLost');
    const isSame = last?.kind === 'engine' ? hasSameBits(last, now) : last?.resumedOn === now.engine;
    if (!isSame) this.#note({ kind: 'engine', ...now });
  }

  /** Changes settings from the next step on. */
  set(changes: Partial<RunSettings>): void {
    const { batchSize, schedule, attack } = this.#settings;
    const next = this.#checkSettings({ batchSize, learningRate: schedule.text, attack, ...changes });
    this.#settings = next;
    if (next.batchSize !== batchSize) {
      this.#note({ kind: 'setting', name: 'batchSize', value: String(next.batchSize) });
    }
    if (next.schedule.text !== schedule.text) {
      this.#note({ kind: 'setting', name: 'learningRate', value: next.schedule.text });
    }
    if (JSON.stringify(next.attack) !== JSON.stringify(attack)) this.#noteAttack();
  }

  /** Moves the run to another engine, optimizer included. */
  async moveTo(engine: Engine): Promise<void> {
    await engine.load(await this.engine.state());
    this.engine = engine;
    this.#note({ kind: 'engine', ...recordedEngine(engine) });
  }

  /** Adds a log entry about a lost device. */
  noteDeviceLoss(resumedOn: Engine['id'], fromStep: number): void {
    this.#note({ kind: 'deviceLost', resumedOn, fromStep });
  }

  /**
   * Trains. An explicit `order` does not advance the seeded shuffle, uses its last partial batch and never evaluates; the
   * same order given again continues where it stopped.
   * @throws if the loss is not finite or the schedule gives an invalid learning rate; the run stays usable.
   */
  async train({ epochs = 1, maxSteps, order }: TrainRequest, hooks: TrainingHooks): Promise<TrainOutcome> {
    assertWhole('epochs', epochs, 0);
    if (maxSteps !== undefined) assertWhole('maxSteps', maxSteps, 0);
    if (order) this.#beginExplicit(order);
    const losses: number[] = [];
    const results: EpochResult[] = [];
    const started = performance.now();
    let remaining = maxSteps ?? Number.POSITIVE_INFINITY;
    let passes = 0;
    while (passes < epochs && remaining > 0) {
      const allowed = await hooks.next();
      if (allowed <= 0) break;
      const chunkStarted = performance.now();
      const steps = this.#nextSteps(Math.min(allowed, remaining), order !== undefined);
      const result = await this.engine.train(steps);
      const firstStep = this.#position.step;
      const accuracies = new Float32Array(steps.length);
      for (let i = 0; i < steps.length; i++) {
        const size = batchLength(steps[i]);
        accuracies[i] = result.correct[i] / size;
        losses.push(result.losses[i]);
        this.#advance(size, result.losses[i], result.correct[i], order !== undefined);
      }
      this.#position.seconds += (performance.now() - chunkStarted) / 1000;
      remaining -= steps.length;
      await hooks.onChunk?.({ firstStep, losses: result.losses, accuracies });
      assertFinite(result.losses, firstStep);
      if (!this.#passEnded(order !== undefined)) continue;
      passes++;
      if (order) {
        this.#explicit = { order, offset: 0 };
      } else {
        const epoch = await this.#endEpoch();
        results.push(epoch);
        await hooks.onEpoch?.(epoch);
      }
    }
    if (order && passes >= epochs) this.#explicit = undefined;
    return {
      steps: losses.length,
      losses: Float32Array.from(losses),
      seconds: (performance.now() - started) / 1000,
      epochs: results,
    };
  }

  #nextSteps(count: number, explicit: boolean): TrainingStep[] {
    const { batchSize, schedule, attack } = this.#settings;
    const { order, offset } = this.#present(explicit);
    const steps: TrainingStep[] = [];
    for (let start = offset; steps.length < count; start += batchSize) {
      const end = Math.min(start + batchSize, order.length);
      if (start >= order.length || (!explicit && end - start < batchSize)) break;
      const step = this.#position.step + steps.length;
      steps.push({
        indices: order.subarray(start, end),
        learningRate: schedule.at({ epoch: this.#position.epoch, step }),
        attack: attack && { ...attack, seed: (attack.seed + step) >>> 0 },
        dropoutSeed: this.#position.seed,
      });
    }
    return steps;
  }

  #present(explicit: boolean): { order: Int32Array; offset: number } {
    if (explicit && this.#explicit) return this.#explicit;
    if (!this.#order) {
      const generator = Mt19937.fromState(this.#position.generator);
      this.#order = trainingOrder(generator, this.#train.labels.length);
    }
    return { order: this.#order, offset: this.#position.offset };
  }

  #advance(size: number, loss: number, correct: number, explicit: boolean): void {
    const position = this.#position;
    position.step++;
    if (explicit && this.#explicit) {
      this.#explicit.offset += size;
      return;
    }
    position.offset += size;
    position.lossSum += loss * size;
    position.correct += correct;
  }

  #passEnded(explicit: boolean): boolean {
    if (explicit && this.#explicit) return this.#explicit.offset >= this.#explicit.order.length;
    return this.#train.labels.length - this.#position.offset < this.#settings.batchSize;
  }

  async #endEpoch(): Promise<EpochResult> {
    const { offset, lossSum, correct, seed, step, epoch, seconds } = this.#position;
    const test = await evaluate(this.engine, this.#test.images, this.#test.labels);
    const generator = Mt19937.fromState(this.#position.generator);
    trainingOrder(generator, this.#train.labels.length);
    skipEvaluationDraw(generator);
    this.#begin({ ...freshPosition(seed), generator: generator.state(), step, epoch: epoch + 1 });
    return {
      epoch: epoch + 1,
      step,
      trainLoss: lossSum / offset,
      trainAccuracy: correct / offset,
      testLoss: test.loss,
      testAccuracy: test.accuracy,
      seconds,
    };
  }

  #begin(position: RunPosition): void {
    this.#position = { ...position };
    this.#order = undefined;
    this.#explicit = undefined;
  }

  #beginExplicit(order: Int32Array): void {
    const count = this.#train.labels.length;
    const bad = order.findIndex((index) => index < 0 || index >= count);
    if (order.length === 0 || bad >= 0) {
      throw new CallError(
        'train',
        `expected order to hold training-image indices from 0 to ${count - 1}, found ${bad < 0 ? 'none' : `${order[bad]} at ${bad}`}`,
      );
    }
    if (this.#explicit && sameOrder(this.#explicit.order, order)) return;
    this.#explicit = { order: order.slice(), offset: 0 };
    this.#note({ kind: 'order', count: order.length });
  }

  #checkSettings({ batchSize, learningRate, attack }: RunSettings): {
    batchSize: number;
    schedule: Schedule;
    attack?: BatchAttack;
  } {
    assertWhole('batchSize', batchSize, 1);
    if (batchSize > this.#train.labels.length) {
      throw new CallError(
        'train',
        `expected batchSize of at most the ${this.#train.labels.length} training images, found ${batchSize}`,
      );
    }
    return { batchSize, schedule: parseSchedule(learningRate), attack };
  }

  #noteAttack(): void {
    const { attack } = this.#settings;
    this.#note({ kind: 'setting', name: 'attack', value: attack ? JSON.stringify(attack) : 'none' });
  }

  #note(entry: WithoutStep<LogEntry>): void {
    this.#log.push({ ...entry, step: this.#position.step });
  }
}

type WithoutStep<Entry> = Entry extends LogEntry ? Omit<Entry, 'step'> : never;

function freshPosition(seed: number): RunPosition {
  return {
    seed,
    generator: new Mt19937(seed).state(),
    step: 0,
    epoch: 0,
    offset: 0,
    lossSum: 0,
    correct: 0,
    seconds: 0,
  };
}

function batchLength(step: TrainingStep): number {
  return 'indices' in step ? step.indices.length : step.labels.length;
}

function sameOrder(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((index, i) => index === b[i]);
}

function assertWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new CallError(
      'train',
      `expected ${name} to be a whole number of at least ${least}, found ${value}`,
    );
  }
}

function assertFinite(losses: Float32Array, firstStep: number): void {
  const bad = losses.findIndex((loss) => !Number.isFinite(loss));
  if (bad >= 0) {
    throw new CallError(
      'train',
      `the loss became ${losses[bad]} at step ${firstStep + bad}: training diverged. Lower the learning rate, then reset.`,
    );
  }
}
