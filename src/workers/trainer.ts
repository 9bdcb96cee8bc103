import { CallError } from '../ml/callError.ts';
import type { DataSet } from '../ml/data/dataset.ts';
import { initialParameters } from '../ml/model/initialize.ts';
import { buffersOf } from '../ml/model/parameters.ts';
import { Mt19937 } from '../ml/random/mt19937.ts';
import { probeEngines } from './engines.ts';
import { Pace } from './pace.ts';
import type { TrainerCalls, TrainerEvent } from './protocol.ts';
import { type Endpoint, type Handlers, received, serve, Transferred } from './rpc.ts';
import { type Emit, TrainerEngine } from './trainerEngine.ts';
import { TrainerLoop } from './trainerLoop.ts';
import { TrainerReports } from './trainerReports.ts';

/**
 * The trainer is the only worker that owns the network in training. Calls change the next chunk of steps; events report to
 * the page.
 */
export function createTrainer(endpoint: Endpoint): void {
  const emit: Emit = (event, transfer) => server.emit(event, transfer);
  const pace = new Pace();
  const engine = new TrainerEngine(pace, emit);
  const reports = new TrainerReports(engine, pace, emit);
  const loop = new TrainerLoop(engine, reports, pace, emit);
  const parts: Parts = { pace, engine, reports, loop, emit };
  const server = serve<TrainerCalls, TrainerEvent>(endpoint, {
    ...engineCalls(parts),
    ...startCalls(parts),
    ...trainingCalls(parts),
    ...paceCalls(parts),
    ...readingCalls(parts),
  });
}

interface Parts {
  pace: Pace;
  engine: TrainerEngine;
  reports: TrainerReports;
  loop: TrainerLoop;
  emit: Emit;
}

type Calls<Kind extends keyof TrainerCalls> = Pick<Handlers<TrainerCalls>, Kind>;

function engineCalls({
  engine,
  reports,
}: Parts): Calls<'setData' | 'engines' | 'useEngine' | 'measureEngines' | 'loseDevice'> {
  return {
    async setData({ port }) {
      engine.setData(await received<DataSet>(port));
    },
    engines: () => probeEngines(),
    useEngine: ({ engine: wanted }) =>
      engine.move(wanted, async () => {
        reports.sendLog();
        await reports.sendCheckpoint();
      }),
    measureEngines: () => engine.measure(),
    async loseDevice() {
      engine.loseDevice();
    },
  };
}

/**
 * The calls that set a run's starting point. They hold the engine from beginning to end: a pool of workers that is read while
 * it is loaded waits forever.
 */
function startCalls({ engine, reports, loop }: Parts): Calls<'reset' | 'loadParameters' | 'restore'> {
  return {
    async reset(start) {
      await loop.end();
      await engine.exclusively(async () => {
        engine.remember(start.timings);
        await engine.prepare(start);
        await engine.run.reset(start.seed);
        await reports.start();
      });
    },
    async loadParameters({ parameters, source }) {
      await loop.end();
      await engine.exclusively(async () => {
        await engine.run.loadParameters(parameters, source);
        await reports.start();
      });
    },
    async restore({ start, position, state, log, newestSnapshot, timings }) {
      await loop.end();
      await engine.exclusively(async () => {
        engine.remember(timings);
        await engine.prepare(start);
        await engine.run.restore(position, state, log);
        await reports.start(newestSnapshot);
      });
    },
  };
}

function trainingCalls({
  pace,
  engine,
  reports,
  loop,
  emit,
}: Parts): Calls<'train' | 'set' | 'stop' | 'step'> {
  return {
    async train({ paused = false, ...request }, { signal }) {
      if (loop.training) {
        throw new CallError('train', 'the network is already training. Pause or stop it first, or use step.');
      }
      emit({ kind: 'status', status: paused ? 'paused' : 'training' });
      signal.addEventListener('abort', () => pace.stop());
      const outcome = await loop.train(request, { paused });
      signal.throwIfAborted();
      return outcome;
    },
    async set({ settings, speed, workers }) {
      if (speed !== undefined) pace.setSpeed(speed);
      if (workers !== undefined) await engine.setWorkers(workers);
      if (!settings) return;
      // Change settings between two chunks and write a checkpoint, so that a run continued from a checkpoint uses the right
      // settings.
      await engine.exclusively(async () => {
        const { run } = engine;
        const entries = run.log.length;
        engine.change(run, settings);
        if (run.log.length > entries) await reports.sendCheckpoint();
      });
      reports.sendLog();
    },
    stop: () => loop.end(),
    async step({ count }) {
      if (!Number.isSafeInteger(count) || count < 1) {
        throw new CallError('step', `expected a whole number of at least 1, found ${count}`);
      }
      if (!loop.training) {
        await loop.train({ epochs: Number.MAX_SAFE_INTEGER, maxSteps: count });
        return;
      }
      if (!pace.paused) {
        throw new CallError('step', 'expected a paused run, found a run in training. Pause it first.');
      }
      await pace.allow(count);
      await reports.sendFrame();
      await reports.keepPlace();
    },
  };
}

function paceCalls({
  pace,
  reports,
  loop,
  emit,
}: Parts): Calls<'pause' | 'resume' | 'drawn' | 'giveWay' | 'giveBack'> {
  return {
    async pause() {
      if (!loop.training) return;
      pace.pause();
      emit({ kind: 'status', status: 'paused' });
      void reports.keepPlace();
    },
    async resume() {
      if (!loop.training) return;
      pace.resume();
      emit({ kind: 'status', status: 'training' });
    },
    drawn: () => reports.drawn(),
    giveWay: async ({ milliseconds }) => pace.giveWay(milliseconds),
    async giveBack({ state }) {
      reports.giveBack(state);
    },
  };
}

/** The calls that only read. */
function readingCalls({ engine, reports }: Parts): Calls<'preview' | 'parameters' | 'checkpoint' | 'replay'> {
  return {
    async preview({ seed, network }) {
      return initialParameters(network, new Mt19937(seed));
    },
    parameters: ({ names }) =>
      engine.exclusively(async () => {
        const { engine: running, position } = engine.run;
        const parameters = await running.parameters(names);
        return new Transferred({ step: position.step, parameters }, buffersOf(parameters));
      }),
    checkpoint: () => engine.exclusively(() => reports.takeCheckpoint()),
    async replay({ step }, { signal }) {
      const replayed = await engine.replayTo(step, signal);
      return new Transferred(replayed, buffersOf(replayed.parameters));
    },
  };
}
