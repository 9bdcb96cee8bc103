import { CallError } from '../callError.ts';
import type { BatchAttack, Engine } from '../engines/engine.ts';
import { ADAM } from '../model/optimizer.ts';
import type { Parameters } from '../model/parameters.ts';
import { hasSameBits, type LogEntry, recordedEngine } from './log.ts';
import { madeOf } from './madeOf.ts';
import { type LabeledSet, type RunSettings, TrainingRun } from './run.ts';

export interface Replayed {
  parameters: Parameters;
  /**
   * Whether the replay is bit-identical to the run, which requires the same arithmetic for all steps.
   * Between engines the last bits differ, and the difference grows with the steps.
   */
  exact: boolean;
}

/** Steps between checks of the signal. */
const CHUNK = 64;

/**
 * Recomputes the parameters of any step of a run, from the log's seed and its changes of settings.
 * @param engine an engine with the run's network that has received `data` (`setData`). Its state is overwritten.
 * @param data the run's training set.
 * @param step number of updates made; must lie within the trained steps, which the log does not record.
 * @throws if the log does not determine the step: after an explicit order, or with loaded parameters.
 */
export async function replay(
  engine: Engine,
  log: readonly LogEntry[],
  data: LabeledSet,
  step: number,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Replayed> {
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new CallError('replay', `expected step to be a whole number of at least 0, found ${step}`);
  }
  const start = log[0];
  if (start?.kind !== 'reset') {
    throw new CallError(
      'replay',
      `expected a log that begins with a reset, found ${start?.kind ?? 'an empty log'}`,
    );
  }
  assertNetwork(engine, start);
  const entries = log.filter((entry) => entry.step < step || (step === 0 && entry.step === 0));
  assertReplayable(entries);

  const run = new TrainingRun(engine, data, firstImage(data), { batchSize: 1, learningRate: 1e-3 });
  await run.reset(start.seed);
  for (const entry of entries) {
    await trainTo(run, entry.step, signal);
    if (entry.kind === 'setting') run.set(settingOf(entry));
  }
  await trainTo(run, step, signal);
  return { parameters: await engine.parameters(), exact: entries.every((entry) => madeOn(engine, entry)) };
}

async function trainTo(run: TrainingRun, step: number, signal?: AbortSignal): Promise<void> {
  const maxSteps = step - run.position.step;
  if (maxSteps <= 0) return;
  const next = () => {
    signal?.throwIfAborted();
    return CHUNK;
  };
  await run.train({ epochs: Number.MAX_SAFE_INTEGER, maxSteps }, { next });
}

/** A minimal test set for replay. The end of an epoch needs a test set, but the result is unused. */
export function firstImage({ images, labels }: LabeledSet): LabeledSet {
  return { images: images.subarray(0, images.length / labels.length), labels: labels.subarray(0, 1) };
}

function assertNetwork(
  engine: Engine,
  { filters, kernelSize, network, optimizer = ADAM }: LogEntry & { kind: 'reset' },
): void {
  const found = madeOf(engine);
  if (network !== undefined && found.network !== network) {
    throw new CallError(
      'replay',
      `expected an engine whose network is the run's, ${network}, found ${found.network ?? 'the notebook’s'}`,
    );
  }
  if (JSON.stringify(engine.optimizer) !== JSON.stringify(optimizer)) {
    throw new CallError(
      'replay',
      `expected an engine with the run's optimizer, ${JSON.stringify(optimizer)}, found ${JSON.stringify(engine.optimizer)}`,
    );
  }
  if (found.filters !== filters || found.kernelSize !== kernelSize) {
    throw new CallError(
      'replay',
      `expected an engine whose network has the run's ${filters} filters of side ${kernelSize}, found ${found.filters} of side ${found.kernelSize}`,
    );
  }
}

function assertReplayable(entries: readonly LogEntry[]): void {
  for (const entry of entries) {
    if (entry.kind === 'parametersLoaded') {
      throw new CallError(
        'replay',
        `the run continued from loaded parameters (${entry.source}), which are not in the log. Load them again and train from there.`,
      );
    }
    if (entry.kind === 'order') {
      throw new CallError(
        'replay',
        `from step ${entry.step} on, the run used an explicit order of ${entry.count} images, which is not in the log. Only steps up to ${entry.step} can be recomputed.`,
      );
    }
  }
}

function settingOf({ name, value }: LogEntry & { kind: 'setting' }): Partial<RunSettings> {
  switch (name) {
    case 'batchSize':
      return { batchSize: Number(value) };
    case 'learningRate':
      return { learningRate: value };
    case 'attack': {
      const attack: BatchAttack | undefined = value === 'none' ? undefined : JSON.parse(value);
      return { attack };
    }
    default:
      name satisfies never;
      return {};
  }
}

function madeOn(engine: Engine, entry: LogEntry): boolean {
  if (entry.kind === 'engine') return hasSameBits(entry, recordedEngine(engine));
  if (entry.kind === 'deviceLost') return entry.resumedOn === engine.id;
  return true;
}
