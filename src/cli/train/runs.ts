import { CallError } from '../../ml/callError.ts';
import { createWasmEngine, type WasmEngine } from '../../ml/engines/wasm/engine.ts';
import type { MemberCalls, RemoteMember } from '../../ml/engines/wasm/member.ts';
import type { RunContent } from '../../ml/formats/index.ts';
import { bestEpochOf } from '../../ml/training/bestEpoch.ts';
import { type EpochResult, TrainingRun } from '../../ml/training/run.ts';
import { parseSchedule } from '../../ml/training/schedule.ts';
import { nextSnapshotStep, SnapshotStore } from '../../ml/training/snapshots.ts';
import { MeasuredSteps } from '../../workers/frames.ts';
import { Pace } from '../../workers/pace.ts';
import { connect } from '../../workers/rpc.ts';
import type { StartThread } from '../threads/threadTypes.ts';
import type { TrainingPlan } from './plan.ts';
import { runContent } from './runContent.ts';

interface TrainingProgress {
  step: number;
  epoch: number;
  loss: number;
  stepsPerSecond: number | undefined;
}

export interface TrainingHost {
  signal: AbortSignal;
  onProgress(progress: TrainingProgress): void;
  onEpoch(result: EpochResult): void;
}

/** @throws an Error that explains the invalid number or expression. */
export function checkLearningRate(text: string): void {
  parseSchedule(text).at({ epoch: 0, step: 0 });
}

/** The page's wasm engine on Node's threads, which share memory. */
export async function openEngine(
  { data, network, optimizer }: TrainingPlan,
  { workers, startThread }: { workers: number; startThread: StartThread },
): Promise<WasmEngine> {
  const spawn = () => startMember(startThread);
  const engine = await createWasmEngine({ network, optimizer, workers, spawn });
  await engine.setData(data.train.images, data.train.labels);
  return engine;
}

function startMember(startThread: StartThread): RemoteMember {
  const thread = startThread('wasmMember');
  const client = connect<MemberCalls, never>(thread.endpoint);
  thread.onDeath((reason) => client.close(new CallError('train', `a thread stopped: ${reason.message}`)));
  return {
    call: (name, parameters, transfer) => client.call(name, parameters, { transfer }),
    terminate: () => thread.terminate(),
  };
}

/**
 * Trains one run from its seed, as the page does: the same steps, snapshots and bits.
 * @returns the run up to its last step, or up to the step of the interruption.
 * @throws if training diverges.
 */
export async function trainRun(
  engine: WasmEngine,
  plan: TrainingPlan,
  seed: number,
  { signal, onProgress, onEpoch }: TrainingHost,
): Promise<RunContent> {
  const { data, epochs, maxSteps, batchSize, learningRate } = plan;
  const run = new TrainingRun(engine, data.train, data.test, { batchSize, learningRate });
  const created = new Date().toISOString();
  await run.reset(seed);
  const measured = new MeasuredSteps();
  const results: EpochResult[] = [];
  const snapshots = createSnapshots(engine, run, results);
  await snapshots.take(false);

  const pace = new Pace();
  pace.begin();
  const stop = () => pace.stop();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  let started = 0;
  try {
    await run.train(
      { epochs, maxSteps },
      {
        async next() {
          const allowed = await pace.next();
          started = performance.now();
          return Math.min(allowed, Math.max(1, snapshots.due - run.position.step));
        },
        async onChunk(chunk) {
          pace.made(chunk.losses.length, performance.now() - started);
          measured.add(chunk);
          const { step, epoch } = run.position;
          onProgress({ step, epoch, loss: chunk.losses.at(-1) ?? 0, stepsPerSecond: pace.stepsPerSecond });
          if (step >= snapshots.due) await snapshots.take(false);
        },
        async onEpoch(result) {
          results.push(result);
          await snapshots.take(true);
          onEpoch(result);
        },
      },
    );
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return runContent(plan, run, {
    created,
    ...measured.take(),
    epochs: results,
    snapshots: snapshots.list(),
  });
}

/** Takes a run's snapshots at the page's steps and keeps those within the budget. */
function createSnapshots(engine: WasmEngine, run: TrainingRun, results: readonly EpochResult[]) {
  const store = new SnapshotStore();
  let due = 0;
  return {
    /** The step of the next snapshot. */
    get due() {
      return due;
    },
    list: () => [...store.list()],
    async take(epochEnd: boolean): Promise<void> {
      const { step, epoch } = run.position;
      const best = bestEpochOf(results);
      store.protect(best ? [best.step] : []);
      store.add({ step, epoch, epochEnd, parameters: await engine.parameters() });
      due = nextSnapshotStep(step, run.stepsPerEpoch);
    },
  };
}
