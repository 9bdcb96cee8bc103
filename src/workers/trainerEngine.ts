import { CallError } from '../ml/callError.ts';
import type { DataSet } from '../ml/data/dataset.ts';
import { type Engine, type EngineId, ShaderError } from '../ml/engines/engine.ts';
import type { OwnedDevice } from '../ml/engines/webgpu/device/device.ts';
import { type NetworkDescription, notebookNetwork, sameNetwork } from '../ml/model/network.ts';
import { ADAM, type OptimizerDescription } from '../ml/model/optimizer.ts';
import { replay } from '../ml/training/replay.ts';
import { type DeviceLoss, ResilientEngine } from '../ml/training/resilient.ts';
import { type RunSettings, TrainingRun } from '../ml/training/run.ts';
import { chooseEngine, createEngine, fallbackFor, measureEngines, needsDevice } from './engines.ts';
import type { Pace } from './pace.ts';
import type { ActiveEngine, EngineTimings, NetworkTimings, RunStart, TrainerEvent } from './protocol.ts';
import { createSerial } from './serial.ts';
import { defaultWasmWorkers, mostWasmWorkers } from './wasmPool.ts';
import { WorkerBalance } from './workerBalance.ts';
import { WorkerTuning } from './workerTuning.ts';

/** Sends an event to the page. */
export type Emit = (event: TrainerEvent, transfer?: Transferable[]) => void;

/** What an engine's speed depends on. */
interface Timed {
  network: NetworkDescription;
  optimizer: OptimizerDescription;
}

/** An engine that the run may move to: the next one while it starts, or the one that the run has left. */
interface OtherEngine {
  run: TrainingRun;
  workers: number;
  speeds?: readonly number[];
  /** Once it has started. */
  engine?: Engine;
}

function freshTuning(): WorkerTuning {
  return new WorkerTuning({ first: defaultWasmWorkers(), most: mostWasmWorkers() });
}

/** The trainer's data, run and engine. */
export class TrainerEngine {
  readonly #emit: Emit;
  readonly #pace: Pace;
  #data?: DataSet;
  #run?: TrainingRun;
  /** The data of the run. */
  #runData?: DataSet;
  #active?: ActiveEngine;
  /** By network and kind of optimizer. */
  readonly #timings = new Map<string, EngineTimings>();
  #device?: OwnedDevice;
  #workers: number | 'auto' = 'auto';
  /** The run's network has no work for more. */
  #mostWorkers = Number.POSITIVE_INFINITY;
  #tuning = freshTuning();
  readonly #balance = new WorkerBalance();
  /** The shares of the run's engine. */
  #speeds?: readonly number[];
  /** The run's next engine, on another number of workers. */
  #coming?: OtherEngine;
  /** The engine that the run has left last, because a trial of another number of workers is short. */
  #left?: OtherEngine;
  /** Serializes calls to the engine, because they must not overlap. */
  readonly #calls = createSerial();

  constructor(pace: Pace, emit: Emit) {
    this.#pace = pace;
    this.#emit = emit;
  }

  get run(): TrainingRun {
    if (!this.#run) {
      throw new CallError('trainer', 'expected a run; the data has not arrived yet or reset was not called');
    }
    return this.#run;
  }

  get active(): ActiveEngine {
    if (!this.#active) throw new CallError('trainer', 'expected an engine, found none yet');
    return this.#active;
  }

  setData(data: DataSet): void {
    this.#data = data;
  }

  /** Uses engine timings from an earlier visit. */
  remember(timings: NetworkTimings | undefined): void {
    if (!timings || Object.keys(timings.milliseconds).length === 0) return;
    this.#timings.set(timedBy(timings), timings.milliseconds);
  }

  exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#calls.run(work);
  }

  /** Locks the engine for a chunk; other calls run between chunks. */
  hold(): Promise<() => void> {
    return new Promise((taken) => {
      void this.exclusively(() => new Promise<void>((released) => taken(released)));
    });
  }

  /** Resolves when all calls made so far have ended. */
  async rest(): Promise<void> {
    await this.#calls.run(() => undefined);
  }

  /** Measures the engines on the run's network. */
  async measure(): Promise<NetworkTimings> {
    const made = this.#run?.engine ?? { network: notebookNetwork(), optimizer: ADAM };
    const milliseconds = await this.exclusively(() => measureEngines(made));
    this.#timings.set(timedBy(made), milliseconds);
    return this.#timingsOf(made);
  }

  #timingsOf({ network, optimizer }: Timed): NetworkTimings {
    return { network, optimizer, milliseconds: this.#timings.get(timedBy({ network, optimizer })) ?? {} };
  }

  /** Chooses an engine for a network, which is measured first where nothing is known about it. */
  async #choose(wanted: EngineId | 'auto', made: Timed): Promise<{ id: EngineId; reason: string }> {
    if (wanted === 'auto' && !this.#timings.has(timedBy(made))) {
      this.#timings.set(timedBy(made), await measureEngines(made));
    }
    return chooseEngine(wanted, this.#timingsOf(made).milliseconds);
  }

  /** Prepares a run with these settings on the requested engine, before its first step. */
  async prepare({ engine: wanted, engineReason, network, optimizer, settings }: RunStart): Promise<void> {
    const data = this.#dataFor('reset');
    const { train, test } = data;
    const made = { network, optimizer };
    const choice = await this.#choose(wanted, made);
    const reason = engineReason ?? choice.reason;
    const before = this.#run;
    const same =
      before &&
      this.#runData === data &&
      sameNetwork(before.engine.network, network) &&
      JSON.stringify(before.engine.optimizer) === JSON.stringify(optimizer);
    if (before && same && this.#active?.id === choice.id) {
      this.#dropComing();
      this.change(before, { attack: undefined, ...settings });
      this.#explain(reason);
      return;
    }
    this.#dropOthers();
    this.#runData = data;
    this.#tuning = freshTuning();
    this.#mostWorkers = Number.POSITIVE_INFINITY;
    this.#run = new TrainingRun(await this.#open(choice.id, made), train, test, settings);
    await before?.engine.dispose();
    this.#announce(choice.id, reason);
  }

  /** Moves the run to another engine and calls `onMoved`, unless the run is already there. */
  async move(wanted: EngineId | 'auto', onMoved: () => Promise<void>): Promise<ActiveEngine> {
    return this.exclusively(async () => {
      const choice = await this.#choose(wanted, this.run.engine);
      if (this.#active?.id === choice.id) return this.#active;
      this.#dropOthers();
      const moved = this.run;
      const before = moved.engine;
      await moved.moveTo(await this.#open(choice.id, before));
      await before.dispose();
      this.#announce(choice.id, choice.reason);
      await onMoved();
      return this.active;
    });
  }

  /** Changes a run's settings, and measures numbers of workers anew if its steps do another amount of work from now on. */
  change(run: TrainingRun, settings: Partial<RunSettings>): void {
    const workOf = ({ batchSize, attack }: RunSettings) => JSON.stringify([batchSize, attack]);
    const before = workOf(run.settings);
    run.set(settings);
    if (workOf(run.settings) !== before) this.#tuning.forget();
  }

  /** Sets the number of workers that train from now on; `auto` chooses the fastest number. */
  async setWorkers(workers: number | 'auto'): Promise<void> {
    if (workers === this.#workers) return;
    this.#workers = workers;
    this.#tuning = freshTuning();
    await this.exclusively(async () => {
      if (this.#wantsOtherWorkers()) {
        const { run } = this;
        this.#dropOthers();
        await this.#moveToWorkers(run, await this.#open('wasm', run.engine));
        this.#dropOthers();
      }
      this.#announceSettled();
    });
  }

  /** Reports a chunk of steps at full speed, by which the number of workers is chosen. */
  made(steps: number, milliseconds: number): void {
    const { workers, waits = [] } = this.run.engine;
    if (workers === undefined) return;
    this.#tuning.made(workers, steps, milliseconds);
    this.#balance.made(waits, milliseconds);
    this.#announceSettled();
  }

  /** Moves the run to the number of workers that is wanted, once these have started. Call between chunks. */
  async followTuning(): Promise<void> {
    if (!this.#wantsOtherWorkers()) return;
    const { run } = this;
    const { speeds } = this.#balance;
    const fits = (other?: OtherEngine) =>
      other?.run === run &&
      other.workers === this.#wantedWorkers &&
      (other.workers === 1 || other.speeds === speeds);
    if (fits(this.#left)) {
      this.#dropComing();
      this.#coming = this.#left;
      this.#left = undefined;
    }
    if (!fits(this.#coming)) this.#start(run);
    const engine = this.#coming?.engine;
    if (!engine) return;
    this.#coming = undefined;
    await this.exclusively(async () => {
      await this.#moveToWorkers(run, engine);
      this.#speeds = speeds;
    });
  }

  get #wantedWorkers(): number {
    return this.#workers === 'auto' ? this.#tuning.wanted : Math.min(this.#workers, this.#mostWorkers);
  }

  /** The number of workers without a short trial of another. */
  get #settledWorkers(): number {
    return this.#workers === 'auto' ? this.#tuning.settled : this.#wantedWorkers;
  }

  #wantsOtherWorkers(): boolean {
    const workers = this.#run?.engine.workers;
    if (workers === undefined || this.#active?.id !== 'wasm') return false;
    return workers !== this.#wantedWorkers || (workers > 1 && this.#speeds !== this.#balance.speeds);
  }

  /** Starts an engine on the wanted workers while training goes on. */
  #start(run: TrainingRun): void {
    this.#dropComing();
    const { speeds } = this.#balance;
    const coming: OtherEngine = { run, workers: this.#wantedWorkers, speeds };
    this.#coming = coming;
    const { network, optimizer } = run.engine;
    createEngine('wasm', network, { optimizer, threads: coming.workers, speeds }).then(
      async (engine) => {
        const { train } = this.#dataFor('followTuning');
        await engine.setData(train.images, train.labels);
        if (this.#coming === coming) coming.engine = engine;
        else await engine.dispose();
      },
      // Where no more workers start, the present ones go on.
      () => {
        this.#mostWorkers = run.engine.workers ?? 1;
        this.#tuning.limit(this.#mostWorkers);
      },
    );
  }

  #dropComing(): void {
    void this.#coming?.engine?.dispose();
    this.#coming = undefined;
  }

  #dropOthers(): void {
    this.#dropComing();
    void this.#left?.engine?.dispose();
    this.#left = undefined;
  }

  /** The weights' bits do not depend on the number of workers, so the run's log does not note it. */
  async #moveToWorkers(run: TrainingRun, engine: Engine): Promise<void> {
    if (this.#run !== run) return engine.dispose();
    const before = run.engine;
    await engine.load(await before.state());
    run.engine = engine;
    this.#limitWorkers(engine.workers ?? 1);
    this.#announceSettled();
    await this.#left?.engine?.dispose();
    this.#left = { run, workers: before.workers ?? 1, speeds: this.#speeds, engine: before };
  }

  /** Recomputes the network's state at an earlier step from the run's log, on a separate engine. */
  async replayTo(step: number, signal: AbortSignal) {
    const { engine, log, position } = this.run;
    if (!Number.isSafeInteger(step) || step < 0 || step > position.step) {
      throw new CallError(
        'replay',
        `expected a whole step from 0 to ${position.step}, the current step, found ${step}`,
      );
    }
    const { train } = this.#dataFor('replay');
    // TensorFlow.js has a single backend per worker, which training may need at the same time.
    const id = engine.id === 'webgpu' ? 'webgpu' : 'wasm';
    const { network, optimizer } = engine;
    const again = await createEngine(id, network, { optimizer, threads: defaultWasmWorkers() });
    try {
      await again.setData(train.images, train.labels);
      return await replay(again, [...log], train, step, { signal });
    } finally {
      await again.dispose();
    }
  }

  /** Destroys the GPU device, like a driver crash. */
  loseDevice(): void {
    if (!this.#device) throw new CallError('loseDevice', 'expected an engine on a WebGPU device, found none');
    this.#device.device.destroy();
  }

  #dataFor(caller: string): DataSet {
    if (!this.#data) throw new CallError(caller, `expected the data set first, found none`);
    return this.#data;
  }

  async #open(id: EngineId, { network, optimizer }: Pick<Engine, 'network' | 'optimizer'>): Promise<Engine> {
    const { train } = this.#dataFor('openEngine');
    this.#pace.engineChanged();
    const threads = this.#wantedWorkers;
    this.#speeds = undefined;
    const onDevice = (device: OwnedDevice) => {
      this.#device = device;
    };
    const create = () => createEngine(id, network, { optimizer, threads, onDevice });
    const engine = needsDevice(id)
      ? await ResilientEngine.create({
          create,
          fallback: () => createEngine(fallbackFor(id), network, { optimizer, threads }),
          onDeviceLoss: (loss) => this.#deviceLost(id, loss),
        })
      : await create();
    await engine.setData(train.images, train.labels);
    return engine;
  }

  #deviceLost(lost: EngineId, { resumedOn: { id: resumedOn }, replayedSteps, reason }: DeviceLoss): void {
    const { run } = this;
    const { step } = run.position;
    run.noteDeviceLoss(resumedOn, step - replayedSteps);
    this.#pace.engineChanged();
    const message =
      reason instanceof ShaderError
        ? `The engine ${lost} does not run in this browser (${reason.message}). The engine ${resumedOn} continues.`
        : `The GPU device was lost near step ${step}. ${
            resumedOn === lost ? 'A new device' : `The engine ${resumedOn}`
          } continued from the checkpoint; ${replayedSteps} steps were repeated.`;
    this.#emit({ kind: 'deviceLost', message });
    this.#emit({ kind: 'log', log: [...run.log] });
    if (resumedOn !== lost) this.#announce(resumedOn, message);
  }

  /** Reports the reason for the present engine if the run before had another reason. */
  #explain(reason: string): void {
    if (!this.#active || this.#active.reason === reason) return;
    this.#active = { ...this.#active, reason };
    this.#emit({ kind: 'engine', engine: this.#active, timings: this.#timingsOf(this.run.engine) });
  }

  #announce(id: EngineId, reason: string): void {
    const { description, arithmetic, workers } = this.run.engine;
    const engine = { id, description, arithmetic, reason, workers };
    if (workers !== undefined) this.#limitWorkers(workers);
    this.#active = engine;
    this.#emit({ kind: 'engine', engine, timings: this.#timingsOf(this.run.engine) });
  }

  /** Announces the run's number of workers once it is more than a short trial. */
  #announceSettled(): void {
    const workers = this.#run?.engine.workers;
    if (workers === undefined || this.#active?.id !== 'wasm' || workers === this.#active.workers) return;
    if (workers === this.#settledWorkers) this.#announce('wasm', this.#active.reason);
  }

  /** Notes that the engine has work for no more workers than it was created with. */
  #limitWorkers(workers: number): void {
    if (workers >= this.#wantedWorkers) return;
    this.#mostWorkers = workers;
    this.#tuning.limit(workers);
  }
}

function timedBy({ network, optimizer }: Timed): string {
  return JSON.stringify([network, optimizer.kind]);
}
