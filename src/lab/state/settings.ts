import { CallError } from '../../ml/callError.ts';
import type { BatchAttack, EngineId } from '../../ml/engines/engine.ts';
import { type NetworkDescription, notebookNetwork } from '../../ml/model/network.ts';
import { assertOptimizer, type OptimizerDescription } from '../../ml/model/optimizer.ts';
import { parseNetworkText } from '../../ml/model/text.ts';
import type { RunSettings } from '../../ml/training/run.ts';
import { checkBatchAttack } from './attackSettings.ts';

/** A person's settings, which define a run. */
export interface Settings {
  seed: number;
  epochs: number;
  batchSize: number;
  /** A number or an expression of `epoch` and `step` (both from 0), such as `1e-3 * 0.9^epoch`. */
  learningRate: string;
  /** `notebook` for the notebook's network with the two sizes below, or layers for `parseNetworkText`. */
  network: 'notebook' | (string & {});
  filters: number;
  kernelSize: number;
  optimizer: OptimizerDescription;
  /** Adversarial training: every batch is attacked before its update. */
  attack: BatchAttack | 'none';
  engine: EngineId | 'auto';
  /** Steps per second, or as fast as possible. */
  speed: number | 'fastest';
}

const ENGINE_CHOICES: readonly Settings['engine'][] = [
  'auto',
  'webgpu',
  'wasm',
  'tfjs-webgpu',
  'tfjs-webgl',
  'tfjs-cpu',
];

/** The notebook's settings. */
export function defaultSettings(): Settings {
  return {
    seed: 111,
    epochs: 10,
    batchSize: 64,
    learningRate: '1e-3',
    network: 'notebook',
    filters: 32,
    kernelSize: 3,
    optimizer: { kind: 'adam' },
    attack: 'none',
    engine: 'auto',
    speed: 'fastest',
  };
}

/** @throws a NetworkError that names the invalid layer. */
export function networkOf({
  network,
  filters,
  kernelSize,
}: Pick<Settings, 'network' | 'filters' | 'kernelSize'>): NetworkDescription {
  return network === 'notebook'
    ? notebookNetwork({ filters, kernelSize })
    : parseNetworkText(network, { classes: 10 });
}

/**
 * Returns the settings if every number is valid; `checkLearningRate` checks the rest.
 * @throws an Error that names the field, the expected value and the value found.
 */
export function checkSettings(settings: Settings): Settings {
  whole('seed', settings.seed, 0, 2 ** 32 - 1);
  whole('epochs', settings.epochs, 1, 1000);
  whole('batchSize', settings.batchSize, 1, 4096);
  whole('filters', settings.filters, 1, 128);
  whole('kernelSize', settings.kernelSize, 1, 11);
  if (settings.network !== 'notebook') networkOf(settings);
  assertOptimizer(settings.optimizer, 'optimizer');
  if (settings.attack !== 'none') checkBatchAttack(settings.attack);
  const { speed, engine } = settings;
  if (!ENGINE_CHOICES.includes(engine)) {
    throw new CallError('engine', `expected one of ${ENGINE_CHOICES.join(', ')}, found "${engine}"`);
  }
  if (speed !== 'fastest' && !(speed > 0 && speed <= 1000)) {
    throw new CallError('speed', `expected "fastest" or steps per second up to 1000, found ${speed}`);
  }
  return settings;
}

/**
 * Checks a learning rate: a number, or an expression of `epoch` and `step`. The parser is loaded on first use, so that the
 * first paint does not wait for it.
 * @throws an Error with the expected value and the value found.
 */
export async function checkLearningRate(text: string): Promise<void> {
  // The default is valid, so an unchanged page need not load the parser.
  if (text === defaultSettings().learningRate) return;
  const { parseSchedule } = await import('../../ml/training/schedule.ts');
  parseSchedule(text).at({ epoch: 0, step: 0 });
}

function whole(name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new CallError(name, `expected a whole number from ${least} to ${most}, found ${value}`);
  }
}

/** The settings that the trainer needs during training. */
export function runSettings({ batchSize, learningRate, attack }: Settings): RunSettings {
  return { batchSize, learningRate, attack: attack === 'none' ? undefined : attack };
}
