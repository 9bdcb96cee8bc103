import type { DataSet } from '../ml/data/dataset.ts';
import type { Engine, EngineId } from '../ml/engines/engine.ts';
import { initialParameters } from '../ml/model/initialize.ts';
import { convolutionOf, type NetworkDescription } from '../ml/model/network.ts';
import { buffersOf, buffersOfState } from '../ml/model/parameters.ts';
import { Mt19937 } from '../ml/random/mt19937.ts';
import { replay } from '../ml/training/replay.ts';
import { ResilientEngine } from '../ml/training/resilient.ts';
import { TrainingRun, type TrainOutcome, type TrainRequest } from '../ml/training/run.ts';
import { nextSnapshotStep } from '../ml/training/snapshots.ts';
import {
  chooseEngine,
  createEngine,
  destroyDevice,
  fallbackFor,
  measureEngines,
  needsDevice,
  probeEngines,
} from './engines.ts';
import { FrameQueue } from './frames.ts';
import { Pace } from './pace.ts';
import type {
  ActiveEngine,
  Checkpoint,
  EngineTimings,
  RunStart,
  TrainerCalls,
  TrainerEvent,
} from './protocol.ts';
import { received, serve, Transferred } from './rpc.ts';
import { defaultWasmWorkers } from './wasmPool.ts';

/**
 * The trainer: the one worker that owns the network in training. Calls change what the next chunk of steps
 * does; events tell the page what happened, frames at the rate the page draws.
 */
const pace = new Pace();
const frames = new FrameQueue();
/** What was measured since the last checkpoint. */
const unkept = new FrameQueue();
let lastCheckpoint = { step: 0, time: 0 };
let data: DataSet | undefined;
let run: TrainingRun | undefined;
let active: ActiveEngine | undefined;
let timings: EngineTimings = {};
let training = false;
/** The step of the newest snapshot. */
let lastSnapshot = 0;
/** Calls that touch the engine wait for each other: an engine's calls must not overlap. */
let engineBusy: Promise<unknown> = Promise.resolve();

const { emit } = serve<TrainerCalls, TrainerEvent>(self, {
  async setData({ port }) {
    data = await received<DataSet>(port);
  },
  engines: () => probeEngines(),
  async preview({ seed, network }) {
    return initialParameters(network, new Mt19937(seed));
  },
  async reset(start) {
    await endTraining();
    if (start.timings) timings = start.timings;
    await prepareRun(start);
    await theRun().reset(start.seed);
    await announceStart();
  },
  async useEngine({ engine: wanted }) {
    const choice = await chooseEngine(wanted, timings);
    if (active?.id === choice.id && active) return active;
    return exclusively(async () => {
      const moved = theRun();
      const before = moved.engine;
      await moved.moveTo(await openEngine(choice.id, before.network));
      await before.dispose();
      announceEngine(choice.id, choice.reason);
      emit({ kind: 'log', log: [...moved.log] });
      await sendCheckpoint();
      return theActive();
    });
  },
  async measureEngines() {
    timings = await exclusively(measureEngines);
    return timings;
  },
  async loadParameters({ parameters, source }) {
    await endTraining();
    await theRun().loadParameters(parameters, source);
    await announceStart();
  },
  async restore({ start, position, state, log, newestSnapshot, timings: remembered }) {
    await endTraining();
    if (remembered) timings = remembered;
    await prepareRun(start);
    await theRun().restore(position, state, log);
    await announceStart(newestSnapshot);
  },
  async train({ paused = false, ...request }, { signal }) {
    if (training) {
      throw new Error('train: the network is training already. Pause or stop it first, or use step.');
    }
    emit({ kind: 'status', status: paused ? 'paused' : 'training' });
    signal.addEventListener('abort', () => pace.stop());
    const outcome = await trainAlone(request, paused);
    signal.throwIfAborted();
    return outcome;
  },
  async set({ settings, speed }) {
    if (speed !== undefined) pace.setSpeed(speed);
    if (!settings) return;
    // Between two chunks, and with a checkpoint: whoever goes on from one must not make steps with other settings.
    await exclusively(async () => {
      const entries = theRun().log.length;
      theRun().set(settings);
      if (theRun().log.length > entries) await sendCheckpoint();
    });
    emit({ kind: 'log', log: [...theRun().log] });
  },
  async pause() {
    if (!training) return;
    pace.pause();
    emit({ kind: 'status', status: 'paused' });
    void keepPlace();
  },
  async resume() {
    if (!training) return;
    pace.resume();
    emit({ kind: 'status', status: 'training' });
  },
  stop: () => endTraining(),
  async step({ count }) {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new Error(`step: expected a whole number of at least 1, found ${count}`);
    }
    if (!training) {
      await trainAlone({ epochs: Number.MAX_SAFE_INTEGER, maxSteps: count });
      return;
    }
    if (!pace.paused) throw new Error('step: expected a paused run, found one that trains. Pause it first.');
    await pace.allow(count);
    await sendFrame();
    await keepPlace();
  },
  parameters: ({ names }) =>
    exclusively(async () => {
      const { engine, position } = theRun();
      const parameters = await engine.parameters(names);
      return new Transferred({ step: position.step, parameters }, buffersOf(parameters));
    }),
  async replay({ step }, { signal }) {
    const { engine, log, position } = theRun();
    if (!Number.isSafeInteger(step) || step < 0 || step > position.step) {
      throw new Error(
        `replay: expected a whole step from 0 to ${position.step}, where the run stands, found ${step}`,
      );
    }
    if (!data) throw new Error('replay: expected the data set first, found none');
    // TensorFlow.js has one backend for the whole worker, and training may need it meanwhile.
    const id = engine.id === 'webgpu' ? 'webgpu' : 'wasm';
    const again = await createEngine(id, engine.network, { threads: defaultWasmWorkers() });
    try {
      await again.setData(data.train.images, data.train.labels);
      const replayed = await replay(again, [...log], data.train, step, { signal });
      return new Transferred(replayed, buffersOf(replayed.parameters));
    } finally {
      await again.dispose();
    }
  },
  checkpoint: () => exclusively(takeCheckpoint),
  async drawn() {
    frames.drawn();
    if (frames.due) await sendFrame();
  },
  async loseDevice() {
    destroyDevice();
  },
});

function theRun(): TrainingRun {
  if (!run) throw new Error('trainer: expected a run; the data has not arrived yet or reset was not called');
  return run;
}

function theActive(): ActiveEngine {
  if (!active) throw new Error('trainer: expected an engine, found none yet');
  return active;
}

function exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
  const result = engineBusy.then(work);
  engineBusy = result.catch(() => undefined);
  return result;
}

async function prepareRun({ engine: wanted, network, settings }: RunStart): Promise<void> {
  if (!data) throw new Error('reset: expected the data set first, found none');
  if (wanted === 'auto' && Object.keys(timings).length === 0) timings = await measureEngines();
  const choice = await chooseEngine(wanted, timings);
  const { train, test } = data;
  const sameNetwork = run && JSON.stringify(run.engine.network) === JSON.stringify(network);
  if (run && sameNetwork && active?.id === choice.id) {
    run.set({ attack: undefined, ...settings });
    return;
  }
  const before = run?.engine;
  run = new TrainingRun(await openEngine(choice.id, network), train, test, settings);
  await before?.dispose();
  announceEngine(choice.id, choice.reason);
}

async function openEngine(id: EngineId, network: NetworkDescription): Promise<Engine> {
  if (!data) throw new Error('openEngine: expected the data set first, found none');
  pace.engineChanged();
  const threads = defaultWasmWorkers();
  const create = () => createEngine(id, network, { threads });
  const engine = needsDevice(id)
    ? await ResilientEngine.create({
        create,
        fallback: () => createEngine(fallbackFor(id), network, { threads }),
        onDeviceLoss: ({ resumedOn, replayedSteps }) => {
          const step = theRun().position.step;
          theRun().noteDeviceLoss(resumedOn.id, step - replayedSteps);
          pace.engineChanged();
          const message = `The GPU device was lost near step ${step}. ${
            resumedOn.id === id ? 'A new device' : `The engine ${resumedOn.id}`
          } went on from the checkpoint; ${replayedSteps} steps were made again.`;
          emit({ kind: 'deviceLost', message });
          emit({ kind: 'log', log: [...theRun().log] });
          if (resumedOn.id !== id) announceEngine(resumedOn.id, message);
        },
      })
    : await create();
  await engine.setData(data.train.images, data.train.labels);
  return engine;
}

function announceEngine(id: EngineId, reason: string): void {
  active = { id, description: theRun().engine.description, reason };
  emit({ kind: 'engine', engine: active, timings });
}

async function announceStart(newestSnapshot?: number): Promise<void> {
  frames.clear();
  frames.drawn();
  unkept.clear();
  if (newestSnapshot === undefined) await sendSnapshot(false);
  else lastSnapshot = newestSnapshot;
  await sendCheckpoint();
  await sendFrame(true);
  emit({ kind: 'log', log: [...theRun().log] });
  emit({ kind: 'status', status: 'idle' });
}

async function endTraining(): Promise<void> {
  pace.stop();
  while (training) await new Promise((resolve) => setTimeout(resolve, 2));
  await engineBusy;
}

/** Trains as the only call under way; its last frame is sent, and the status is idle, before it resolves or rejects. */
async function trainAlone(request: TrainRequest, paused = false): Promise<TrainOutcome> {
  training = true;
  pace.begin();
  if (paused) pace.pause();
  try {
    return await trainPaced(request);
  } finally {
    pace.end();
    await sendFrame();
    await keepPlace();
    training = false;
    emit({ kind: 'status', status: 'idle' });
  }
}

async function trainPaced(request: TrainRequest) {
  const current = theRun();
  let chunkStarted = 0;
  let release: () => void = () => undefined;
  try {
    return await current.train(request, {
      async next() {
        // Here, and not after a chunk, because then an epoch may still have to end.
        if (checkpointDue()) await sendCheckpoint();
        release();
        const allowed = await pace.next();
        if (allowed === 0) return 0;
        release = await holdEngine();
        chunkStarted = performance.now();
        return Math.min(allowed, Math.max(1, snapshotDue() - current.position.step));
      },
      async onChunk(chunk) {
        pace.made(chunk.losses.length, performance.now() - chunkStarted);
        frames.add(chunk);
        unkept.add(chunk);
        if (frames.due) await sendFrame(false, true);
        if (current.position.step >= snapshotDue()) await sendSnapshot(false);
      },
      async onEpoch(result) {
        emit({ kind: 'epoch', result });
        await sendSnapshot(true);
      },
    });
  } finally {
    release();
  }
}

/** Takes the engine for a chunk; other calls get their turn between chunks. */
function holdEngine(): Promise<() => void> {
  return new Promise((taken) => {
    void exclusively(() => new Promise<void>((released) => taken(released)));
  });
}

async function sendFrame(evenEmpty = false, holding = false): Promise<void> {
  if (frames.empty && !evenEmpty) return;
  const { engine, position } = theRun();
  const chunk = frames.take();
  const conv = convolutionOf(engine.network);
  const names = conv ? [`${conv.name}.weight`, `${conv.name}.bias`] : [];
  const read = () => engine.parameters(names);
  const parameters = await (holding ? read() : exclusively(read));
  const weight = parameters[names[0]] ?? new Float32Array(0);
  const bias = parameters[names[1]] ?? new Float32Array(0);
  emit({
    kind: 'frame',
    step: position.step,
    epoch: position.epoch,
    firstStep: chunk.losses.length > 0 ? chunk.firstStep : position.step,
    losses: chunk.losses,
    accuracies: chunk.accuracies,
    filters: { weight, bias },
    stepsPerSecond: pace.stepsPerSecond,
  });
}

/** The strides grow from snapshot to snapshot, wherever the chunks in between end. */
function snapshotDue(): number {
  return nextSnapshotStep(lastSnapshot, theRun().stepsPerEpoch);
}

/** With the first steps, then at least every 3 seconds, and every 200 steps unless they take less than a second. */
function checkpointDue(): boolean {
  const steps = theRun().position.step - lastCheckpoint.step;
  if (lastCheckpoint.step === 0 && steps > 0) return true;
  const milliseconds = performance.now() - lastCheckpoint.time;
  return steps > 0 && (milliseconds > 3000 || (steps >= 200 && milliseconds > 1000));
}

async function takeCheckpoint(): Promise<Checkpoint> {
  const { engine, position, log, settings } = theRun();
  return { position: structuredClone(position), state: await engine.state(), log: [...log], settings };
}

/** A checkpoint where the run rests; an engine that is lost for good says so to whoever trains. */
async function keepPlace(): Promise<void> {
  await exclusively(sendCheckpoint).catch(() => undefined);
}

/** While the engine is held, between chunks. */
async function sendCheckpoint(): Promise<void> {
  const checkpoint = await takeCheckpoint();
  const { step } = checkpoint.position;
  lastCheckpoint = { step, time: performance.now() };
  const measured = unkept.empty
    ? { firstStep: step, losses: new Float32Array(0), accuracies: new Float32Array(0) }
    : unkept.take();
  emit({ kind: 'checkpoint', checkpoint, ...measured }, [...new Set(buffersOfState(checkpoint.state))]);
}

async function sendSnapshot(epochEnd: boolean): Promise<void> {
  const { engine, position } = theRun();
  lastSnapshot = position.step;
  const parameters = await engine.parameters();
  emit(
    { kind: 'snapshot', snapshot: { step: position.step, epoch: position.epoch, epochEnd, parameters } },
    buffersOf(parameters),
  );
}
