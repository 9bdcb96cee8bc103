import type { DataSet } from '../../ml/data/dataset.ts';
import { shapeOfData } from '../../ml/data/dataset.ts';
import { checkHeldOut, DEFAULT_HELD_OUT } from '../../ml/imageFiles/heldOut.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import { assertOptimizer, type OptimizerDescription } from '../../ml/model/optimizer.ts';
import { PRESETS, type PresetId, presetNetwork } from '../../ml/model/presets.ts';
import { parseNetwork } from '../../ml/model/text.ts';
import type { GivenOptions, OptionSpec } from '../frame/options.ts';
import type { DataOptions } from '../inputs/dataSet.ts';

export const TRAINING_OPTIONS = {
  network: {
    value: 'NETWORK',
    default: 'notebook',
    help: `${PRESETS.map(({ id }) => id).join(', ')}, or layers such as "conv 6 5x5 same, relu, pool 2, fc 10"`,
  },
  data: {
    value: 'PATH',
    help: 'folder with the four IDX files of MNIST or Fashion-MNIST, or images of your own: a file or a folder of IDX, .npz, CSV or CIFAR-10’s batches',
  },
  'held-out': {
    value: 'SHARE',
    default: String(DEFAULT_HELD_OUT.heldOut),
    help: 'own images without a test part: share of each class that is held out',
  },
  'held-out-seed': {
    value: 'N',
    default: String(DEFAULT_HELD_OUT.seed),
    help: 'seed of the images held out',
  },
  axes: { value: 'ORDER', help: 'color images whose file does not tell: planes or pixels' },
  seed: { value: 'SEEDS', default: '111', help: 'seeds of the runs: 7, 1..5, or 1,3,8..10' },
  out: { value: 'DIR', default: 'runs', help: 'folder for the runs’ files' },
  epochs: { value: 'N', default: '10', help: 'passes over the training images' },
  steps: { value: 'N', help: 'updates at most' },
  batch: { value: 'N', default: '64', help: 'images per update' },
  lr: {
    value: 'RATE',
    default: '1e-3',
    help: 'learning rate: a number, or an expression of epoch and step, such as "1e-3 * 0.9^epoch"',
  },
  optimizer: { value: 'NAME', default: 'adam', help: 'adam or sgd' },
  momentum: { value: 'X', default: '0', help: 'sgd: momentum' },
  'weight-decay': { value: 'X', default: '0', help: 'sgd: weight decay' },
  workers: {
    value: 'N',
    help: 'threads of each update (default: half of the cores, at most 4); the bits are the same',
  },
  overwrite: { help: 'replace files of earlier runs' },
  json: { help: 'write JSON to standard output instead of a table' },
  quiet: { help: 'no progress on standard error' },
} as const satisfies Record<string, OptionSpec>;

/** @throws UsageError, or a CallError that names the invalid value. */
export function readDataOptions(given: GivenOptions): Omit<DataOptions, 'signal'> {
  const heldOut = { heldOut: given.number('held-out'), seed: given.whole('held-out-seed', { min: 0 }) };
  const axes = given.text('axes') === undefined ? undefined : given.oneOf('axes', ['planes', 'pixels']);
  return { ...checkHeldOut(heldOut), axes };
}

/** @throws UsageError, or a CallError that names the invalid value. */
export function readOptimizer(given: GivenOptions): OptimizerDescription {
  if (given.oneOf('optimizer', ['adam', 'sgd']) === 'adam') {
    for (const name of ['momentum', 'weight-decay']) {
      if (given.number(name) !== 0) throw given.fault(`expected --optimizer sgd with --${name}, found adam`);
    }
    return { kind: 'adam' };
  }
  const optimizer = {
    kind: 'sgd',
    momentum: given.number('momentum'),
    weightDecay: given.number('weight-decay'),
  } as const;
  assertOptimizer(optimizer, 'optimizer');
  return optimizer;
}

/** The first part of the files' names: the name of a preset, or `network` for layers. @throws UsageError for an unknown name. */
export function readNetworkLabel(given: GivenOptions): PresetId | 'network' {
  const text = given.required('network').trim();
  const names = PRESETS.map(({ id }) => id);
  return /^[a-z]+$/i.test(text) ? given.oneOf('network', names) : 'network';
}

/** The network for the data. @throws an Error that names the invalid layer. */
export function readNetwork(given: GivenOptions, data: DataSet): NetworkDescription {
  const label = readNetworkLabel(given);
  const shape = shapeOfData(data);
  return label === 'network' ? parseNetwork(given.required('network'), shape) : presetNetwork(label, shape);
}
