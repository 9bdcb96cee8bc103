import { CallError } from '../ml/callError.ts';
import type { DataSet } from '../ml/data/dataset.ts';
import type { Engine, EngineId } from '../ml/engines/engine.ts';
import type { OwnedDevice } from '../ml/engines/webgpu/device.ts';
import { sameNetwork } from '../ml/model/network.ts';
import { replay } from '../ml/training/replay.ts';
import { ResilientEngine } from '../ml/training/resilient.ts';
import { TrainingRun } from '../ml/training/run.ts';
import {
  chooseEngine,
  createEngine,
  fallbackFor,
  type MadeOf,
  measureEngines,
  needsDevice,
} from './engines.ts';
import type { Pace } from './pace.ts';
import type { ActiveEngine, EngineTimings, RunStart, TrainerEvent } from './protocol.ts';
import { createSerial } from './serial.ts';
import { defaultWasmWorkers } from './wasmPool.ts';

/** Sends an event to the page. */
export type Emit = (event: TrainerEvent, transfer?: Transferable[]) => void;

/** The trainer's data, its run and the engine under it. */
export class TrainerEngine {
  readonly #emit: Emit;
  readonly #pace: Pace;
  #data?: DataSet;
  #run?: TrainingRun;
  #active?: ActiveEngine;
  #timings: EngineTimings = {};
  #device?: OwnedDevice;
  /** Calls that touch the engine wait for each other: an engine's calls must not overlap. */
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

  /** Timings that are remembered from an earlier visit. */
  remember(timings: EngineTimings | undefined): void {
    if (timings) this.#timings = timings;
  }

  exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#calls.run(work);
  }

  /** Takes the engine for a chunk; other calls get their turn between chunks. */
  hold(): Promise<() => void> {
    return new Promise((taken) => {
      void this.exclusively(() => new Promise<void>((released) => taken(released)));
    });
  }

  /** Resolves when the calls that were made so far have ended. */
  async rest(): Promise<void> {
    await this.#calls.run(() => undefined);
  }

  async measure(): Promise<EngineTimings> {
    this.#timings = await this.exclusively(measureEngines);
    return this.#timings;
  }

  /** The run of these settings on the engine that is wanted, before its first step. */
  async prepare({ engine: wanted, network, optimizer, settings }: RunStart): Promise<void> {
    const { train, test } = this.#dataFor('reset');
    if (wanted === 'auto' && Object.keys(this.#timings).length === 0) this.#timings = await measureEngines();
    const made = { network, optimizer };
    const choice = await chooseEngine(wanted, this.#timings, made);
    const before = this.#run;
    const same =
      before &&
      sameNetwork(before.engine.network, network) &&
      JSON.stringify(before.engine.optimizer) === JSON.stringify(optimizer);
    if (before && same && this.#active?.id === choice.id) {
      before.set({ attack: undefined, ...settings });
      return;
    }
    this.#run = new TrainingRun(await this.#open(choice.id, made), train, test, settings);
    await before?.engine.dispose();
    this.#announce(choice.id, choice.reason);
  }

  /** Moves the run to another engine and calls `onMoved`; nothing happens where the run is on that one already. */
  async move(wanted: EngineId | 'auto', onMoved: () => Promise<void>): Promise<ActiveEngine> {
    const choice = await chooseEngine(wanted, this.#timings, this.run.engine);
    if (this.#active?.id === choice.id) return this.#active;
    return this.exclusively(async () => {
      const moved = this.run;
      const before = moved.engine;
      await moved.moveTo(await this.#open(choice.id, before));
      await before.dispose();
      this.#announce(choice.id, choice.reason);
      await onMoved();
      return this.active;
    });
  }

  /** The network's state at an earlier step, made again from the run's log on an engine of its own. */
  async replayTo(step: number, signal: AbortSignal) {
    const { engine, log, position } = this.run;
    if (!Number.isSafeInteger(step) || step < 0 || step > position.step) {
      throw new CallError(
        'replay',
        `expected a whole step from 0 to ${position.step}, where the run stands, found ${step}`,
      );
    }
    const { train } = this.#dataFor('replay');
    // TensorFlow.js has one backend for the whole worker, and training may need it meanwhile.
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

  /** Destroys the GPU device, as a driver's crash would. */
  loseDevice(): void {
    if (!this.#device) throw new CallError('loseDevice', 'expected an engine on a WebGPU device, found none');
    this.#device.device.destroy();
  }

  #dataFor(caller: string): DataSet {
    if (!this.#data) throw new CallError(caller, `expected the data set first, found none`);
    return this.#data;
  }

  async #open(id: EngineId, { network, optimizer }: MadeOf): Promise<Engine> {
    const { train } = this.#dataFor('openEngine');
    this.#pace.engineChanged();
    const threads = defaultWasmWorkers();
    const onDevice = (device: OwnedDevice) => {
      this.#device = device;
    };
    const create = () => createEngine(id, network, { optimizer, threads, onDevice });
    const engine = needsDevice(id)
      ? await ResilientEngine.create({
          create,
          fallback: () => createEngine(fallbackFor(id), network, { optimizer, threads }),
          onDeviceLoss: ({ resumedOn, replayedSteps }) => this.#deviceLost(id, resumedOn.id, replayedSteps),
        })
      : await create();
    await engine.setData(train.images, train.labels);
    return engine;
  }

  #deviceLost(lost: EngineId, resumedOn: EngineId, replayedSteps: number): void {
    const { run } = this;
    const { step } = run.position;
    run.noteDeviceLoss(resumedOn, step - replayedSteps);
    this.#pace.engineChanged();
    const message = `The GPU device was lost near step ${step}. ${
      resumedOn === lost ? 'A new device' : `The engine ${resumedOn}`
    } went on from the checkpoint; ${replayedSteps} steps were made again.`;
    this.#emit({ kind: 'deviceLost', message });
    this.#emit({ kind: 'log', log: [...run.log] });
    if (resumedOn !== lost) this.#announce(resumedOn, message);
  }

  #announce(id: EngineId, reason: string): void {
    const { description, arithmetic } = this.run.engine;
    const engine = { id, description, arithmetic, reason };
    this.#active = engine;
    this.#emit({ kind: 'engine', engine, timings: this.#timings });
  }
}
