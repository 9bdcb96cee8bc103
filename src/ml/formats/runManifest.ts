import { CallError } from '../callError.ts';
import { isNotebookFamily } from '../model/network.ts';
import type { LogEntry } from '../training/log.ts';
import type { EpochResult, RunPosition } from '../training/run.ts';
import type { Snapshot } from '../training/snapshots.ts';
import type { Json } from './json.ts';
import { readNetwork, readOptimizer } from './networkJson.ts';
import type { RunContent } from './runContent.ts';

const FORMAT = 'untangle-run';
/**
 * 2: of a network or an optimizer that older pages do not know. Increase it when this page could no longer read the format.
 */
const VERSION = 2;
const ENGINES = ['webgpu', 'wasm', 'tfjs-webgpu', 'tfjs-webgl', 'tfjs-cpu'] as const;

/** The part of a run that stands in `manifest.json`: all but numbers by the thousand. */
export interface Manifest
  extends Pick<
    RunContent,
    'name' | 'created' | 'dataSet' | 'network' | 'settings' | 'log' | 'epochs' | 'bestStep'
  > {
  snapshots: Omit<Snapshot, 'parameters'>[];
  checkpoint?: RunPosition;
}

export function writeManifest(run: RunContent): object {
  const { name, created, dataSet, network, settings, log, epochs, bestStep, checkpoint } = run;
  const snapshots = run.snapshots.map(({ step, epoch, epochEnd }) => ({ step, epoch, epochEnd }));
  const position = checkpoint && {
    ...checkpoint.position,
    generator: {
      key: [...checkpoint.position.generator.key],
      index: checkpoint.position.generator.index,
    },
  };
  return {
    format: FORMAT,
    version: isNotebookFamily(network) && checkpoint?.state.optimizer.kind !== 'sgd' ? 1 : VERSION,
    name,
    created,
    dataSet,
    network,
    settings,
    log,
    epochs,
    bestStep,
    snapshots,
    checkpoint: position,
  };
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
  const snapshots = json
    .get('snapshots')
    .list(10_000)
    .map((snapshot) => ({
      step: snapshot.get('step').whole(),
      epoch: snapshot.get('epoch').whole(),
      epochEnd: snapshot.get('epochEnd').boolean(),
    }));
  if (snapshots.some(({ step }, i) => i > 0 && step <= snapshots[i - 1].step)) {
    throw new CallError(
      'readManifest',
      'expected snapshots in the order of their steps, found another order',
    );
  }
  const bestStep = json.optional('bestStep')?.whole();
  if (bestStep !== undefined && !snapshots.some(({ step }) => step === bestStep)) {
    throw new CallError('readManifest', `expected a snapshot of the best step, ${bestStep}, found none`);
  }
  return {
    name: json.get('name').text(),
    created: json.get('created').text(40),
    dataSet: json.get('dataSet').text(100),
    network: readNetwork(json.get('network')),
    settings: json.get('settings').record(),
    log: json.get('log').list().map(readLogEntry),
    epochs: json.get('epochs').list().map(readEpoch),
    bestStep,
    snapshots,
    checkpoint: readOptional(json.optional('checkpoint'), readPosition),
  };
}

function readOptional<Value>(json: Json | undefined, read: (json: Json) => Value): Value | undefined {
  return json && read(json);
}

function readLogEntry(json: Json): LogEntry {
  const step = json.get('step').whole();
  const kind = json
    .get('kind')
    .oneOf('reset', 'parametersLoaded', 'engine', 'setting', 'order', 'deviceLost');
  switch (kind) {
    case 'reset': {
      const filters = json.get('filters').whole();
      const kernelSize = json.get('kernelSize').whole();
      const network = json.optional('network')?.text();
      const optimizer = readOptional(json.optional('optimizer'), readOptimizer);
      return {
        step,
        kind,
        seed: json.get('seed').whole(SIGNED),
        filters,
        kernelSize,
        ...(network !== undefined && { network }),
        ...(optimizer && { optimizer }),
      };
    }
    case 'parametersLoaded':
      return { step, kind, source: json.get('source').text() };
    case 'engine':
      return {
        step,
        kind,
        engine: json.get('engine').oneOf(...ENGINES),
        description: json.get('description').text(),
        ...(json.optional('arithmetic') && { arithmetic: json.get('arithmetic').text() }),
      };
    case 'setting':
      return {
        step,
        kind,
        name: json.get('name').oneOf('batchSize', 'learningRate', 'attack'),
        value: json.get('value').text(),
      };
    case 'order':
      return { step, kind, count: json.get('count').whole() };
    case 'deviceLost':
      return {
        step,
        kind,
        resumedOn: json.get('resumedOn').oneOf(...ENGINES),
        fromStep: json.get('fromStep').whole(),
      };
    default:
      return kind satisfies never;
  }
}

const SIGNED = { min: Number.MIN_SAFE_INTEGER };

function readEpoch(json: Json): EpochResult {
  return {
    epoch: json.get('epoch').whole(),
    step: json.get('step').whole(),
    trainLoss: json.get('trainLoss').number(),
    trainAccuracy: json.get('trainAccuracy').number(),
    testLoss: json.get('testLoss').number(),
    testAccuracy: json.get('testAccuracy').number(),
    seconds: json.get('seconds').number(),
  };
}

function readPosition(json: Json): RunPosition {
  const generator = json.get('generator');
  const word = { max: 2 ** 32 - 1 };
  const key = Uint32Array.from(generator.get('key').list(624), (item) => item.whole(word));
  if (key.length !== 624)
    throw new CallError('readManifest', `expected a generator of 624 words, found ${key.length}`);
  return {
    seed: json.get('seed').whole(SIGNED),
    generator: { key, index: generator.get('index').whole({ max: 624 }) },
    step: json.get('step').whole(),
    epoch: json.get('epoch').whole(),
    offset: json.get('offset').whole(),
    lossSum: json.get('lossSum').number(),
    correct: json.get('correct').whole(),
    seconds: json.get('seconds').number(),
  };
}
