import { CallError } from '../../ml/callError.ts';
import { isDataId } from '../../ml/data/dataId.ts';
import { type DataShape, DIGIT_SHAPE } from '../../ml/data/dataset.ts';
import { isShippedId } from '../../ml/data/shipped.ts';
import type { BatchAttack, EngineId } from '../../ml/engines/engine.ts';
import { assertNetwork } from '../../ml/model/limits.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import { assertOptimizer, type OptimizerDescription } from '../../ml/model/optimizer.ts';
import { adaptedNetwork, parseNetworkText } from '../../ml/model/text.ts';
import type { RunSettings } from '../../ml/training/run.ts';
import { checkBatchAttack } from './attackSettings.ts';

/** A person's settings, which define a run. */
export interface Settings {
  seed: number;
  /** The data set: `mnist`, `fashion-mnist`, or the id of a person's own images. */
  data: string;
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
    data: 'mnist',
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

/**
 * The network of the settings, with the input and the number of outputs that the data need.
 * @throws a NetworkError that names the invalid layer and says what to change.
 */
export function networkOf(
  { network, filters, kernelSize }: Pick<Settings, 'network' | 'filters' | 'kernelSize'>,
  shape: DataShape = DIGIT_SHAPE,
): NetworkDescription {
  const text =
    network === 'notebook'
      ? `conv ${filters} ${kernelSize}x${kernelSize}, relu, fc ${shape.classes}`
      : network;
  const adapted = adaptedNetwork(parseNetworkText(text, { input: shape.input, checked: false }), shape);
  assertNetwork(adapted, 'network', shape.classes);
  return adapted;
}

/**
 * Returns the settings if every number is valid; `checkLearningRate` checks the rest.
 * @param shape the images' shape and number of classes, if the data are at hand.
 * @throws an Error that names the field, the expected value and the value found.
 */
export function checkSettings(settings: Settings, shape?: DataShape): Settings {
  whole('seed', settings.seed, 0, 2 ** 32 - 1);
  whole('epochs', settings.epochs, 1, 1000);
  whole('batchSize', settings.batchSize, 1, 4096);
  whole('filters', settings.filters, 1, 128);
  whole('kernelSize', settings.kernelSize, 1, 11);
  // The network for a person's own images is checked once they are loaded.
  if (settings.network !== 'notebook' && (shape || isShippedId(settings.data))) networkOf(settings, shape);
  if (!isDataId(settings.data)) {
    throw new CallError(
      'data',
      `expected mnist, fashion-mnist or the id of own images, found "${settings.data}"`,
    );
  }
  assertOptimizer(settings.optimizer, 'optimizer');
  if (settings.attack !== 'none') checkBatchAttack(settings.attack, shape?.input);
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
