import { CallError } from '../callError.ts';
import type { EngineId } from '../engines/engine.ts';
import { isNotebookFamily } from '../model/network.ts';
import type { LogEntry } from '../training/log.ts';
import type { EpochResult, RunPosition } from '../training/run.ts';
import type { Json } from './json.ts';
import { networkSchema, optimizerSchema } from './networkJson.ts';
import type { RunContent } from './runContent.ts';
import {
  anyJson,
  boolean,
  checked,
  converted,
  list,
  named,
  oneOf,
  optional,
  record,
  type Schema,
  text,
  type ValueOf,
  variants,
  whole,
} from './schema.ts';

const FORMAT = 'untangle-run';
/**
 * Version 2 marks a network or an optimizer that older pages do not know. Increase the number when older pages cannot
 * read the format.
 */
const VERSION = 2;

export const engineId = oneOf<EngineId>('webgpu', 'wasm', 'tfjs-webgpu', 'tfjs-webgl', 'tfjs-cpu');
const signed = whole({ min: Number.MIN_SAFE_INTEGER });
const step = whole();

/** Older files hold a non-finite number as null, which is read as NaN. */
const measured: Schema<number> = { read: (json) => json.number(), write: (value) => value };

const logEntry: Schema<LogEntry> = variants({
  reset: record({
    step,
    seed: signed,
    filters: whole(),
    kernelSize: whole(),
    network: optional(text()),
    optimizer: optional(optimizerSchema),
  }),
  parametersLoaded: record({ step, source: text() }),
  engine: record({ step, engine: engineId, description: text(), arithmetic: optional(text()) }),
  setting: record({ step, name: oneOf('batchSize', 'learningRate', 'attack'), value: text() }),
  order: record({ step, count: whole() }),
  deviceLost: record({ step, resumedOn: engineId, fromStep: whole() }),
});

const epoch: Schema<EpochResult> = record({
  epoch: whole(),
  step,
  trainLoss: measured,
  trainAccuracy: measured,
  testLoss: measured,
  testAccuracy: measured,
  seconds: measured,
});

/** Number of words in the Mersenne Twister's state. */
export const WORDS = 624;

const generatorKey = converted(list(whole({ max: 2 ** 32 - 1 }), WORDS), {
  read(words, json): Uint32Array {
    if (words.length !== WORDS) throw json.fault(`a generator of ${WORDS} words`, `${words.length}`);
    return Uint32Array.from(words);
  },
  write: (key) => [...key],
});

/** A run's position without its generator. */
export const positionFields = {
  seed: signed,
  step,
  epoch: whole(),
  offset: whole(),
  lossSum: measured,
  correct: whole(),
  seconds: measured,
};

export const generatorIndex = whole({ max: WORDS });

/** Files hold the generator's state as a list of numbers. */
const position: Schema<RunPosition> = record({
  ...positionFields,
  generator: record({ key: generatorKey, index: generatorIndex }),
});

const snapshots = checked(
  list(record({ step, epoch: whole(), epochEnd: boolean() }), 10_000),
  (moments, json) => {
    if (moments.some((moment, i) => i > 0 && moment.step <= moments[i - 1].step)) {
      throw json.fault('snapshots in the order of their steps', 'another order');
    }
  },
);

/** The owner of the settings validates them. */
const settings: Schema<RunContent['settings']> = named(anyJson);

/** The fields of a data set's description. */
export const dataFields = {
  id: text(40),
  name: text(100),
  sha256: checked(text(64), (hash, json) => {
    if (!/^[0-9a-f]{64}$/.test(hash)) throw json.fault('64 hexadecimal digits', JSON.stringify(hash));
  }),
  classNames: list(text(100), 100),
};

/** The content that a run's file and the browser's storage hold in the same form. */
export const runFields = {
  dataSet: text(100),
  data: optional(record(dataFields)),
  network: networkSchema,
  settings,
  log: list(logEntry),
  epochs: list(epoch),
  bestStep: optional(step),
};

const manifest = record({
  name: text(),
  created: text(40),
  ...runFields,
  snapshots,
  checkpoint: optional(position),
});

/** The part of a run stored in `manifest.json`: everything except long arrays of numbers. */
export type Manifest = ValueOf<typeof manifest>;

export function writeManifest(run: RunContent): object {
  const { network, checkpoint } = run;
  const version = isNotebookFamily(network) && checkpoint?.state.optimizer.kind !== 'sgd' ? 1 : VERSION;
  return { format: FORMAT, version, ...manifest.write({ ...run, checkpoint: checkpoint?.position }) };
}

/** @throws an Error that names the invalid field. */
export function readManifest(json: Json): Manifest {
  json.get('format').oneOf(FORMAT);
  const version = json.get('version').whole({ min: 1 });
  if (version > VERSION) {
    throw new CallError(
      'readManifest',
      `expected version ${VERSION} or older, found ${version}: reload the page to get its newest version`,
    );
  }
  const read = manifest.read(json);
  const { bestStep } = read;
  if (bestStep !== undefined && !read.snapshots.some((moment) => moment.step === bestStep)) {
    throw json.get('bestStep').fault(`a snapshot of the best step, ${bestStep}`, 'none');
  }
  return read;
}
