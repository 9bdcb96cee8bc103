import { isShippedId } from '../../ml/data/shipped.ts';
import { networkLink, parseNetworkText } from '../../ml/model/text.ts';
import { writeGeometryText } from '../geometry/geometryText.ts';
import { placedMessageOf } from '../state/errorText.ts';
import { LESSON_IDS, PANELS } from '../state/pageParts.ts';
import { checkSettings, defaultSettings } from '../state/settings.ts';
import type { Configuration, SharedSettings } from './configuration.ts';
import {
  oneOf,
  positiveNumber,
  readAttack,
  readDataId,
  readGeometry,
  readHidden,
  readImage,
  readLayer,
  readNet,
  readOptimizer,
  readRate,
  wholeNumber,
} from './linkValues.ts';

/** A key of a link, with the reader and the writer of its value. */
interface LinkKey {
  /** @throws an Error that says what is wrong with the value. */
  read(configuration: Configuration, value: string): void;
  /** Undefined for the default. */
  write(configuration: Configuration): string | undefined;
}

/** Recorded runs by their names in links. */
const RECORDED_NAMES = { recorded: 'notebook', 'recorded-lenet': 'lenet' } as const;

/** All keys of a link, in the order of writing. */
export const LINK_KEYS: ReadonlyMap<string, LinkKey> = new Map<string, LinkKey>([
  // The seed is always written, because it identifies the run.
  [
    'seed',
    setting(
      (value) => ({ seed: wholeNumber('seed', value) }),
      ({ seed }) => seed,
    ),
  ],
  // Before the network, whose outputs are those of the data.
  [
    'data',
    setting(
      (value) => ({ data: readDataId(value) }),
      ({ data }, defaults) => unless(data, defaults.data),
    ),
  ],
  [
    'epochs',
    setting(
      (value) => ({ epochs: wholeNumber('epochs', value) }),
      ({ epochs }, defaults) => unless(epochs, defaults.epochs),
    ),
  ],
  [
    'batch',
    setting(
      (value) => ({ batchSize: wholeNumber('batch', value) }),
      ({ batchSize }, defaults) => unless(batchSize, defaults.batchSize),
    ),
  ],
  [
    'filters',
    setting(
      (value) => ({ filters: wholeNumber('filters', value) }),
      ({ filters, network }, defaults) =>
        isNotebook(network) ? unless(filters, defaults.filters) : undefined,
    ),
  ],
  [
    'kernel',
    setting(
      (value) => ({ kernelSize: wholeNumber('kernel', value) }),
      ({ kernelSize, network }, defaults) =>
        isNotebook(network) ? unless(kernelSize, defaults.kernelSize) : undefined,
    ),
  ],
  [
    'net',
    setting(
      (value, { data = 'mnist' }) => readNet(value, isShippedId(data)),
      ({ network }) =>
        network === undefined || isNotebook(network)
          ? undefined
          : networkLink(parseNetworkText(network, { checked: false })),
    ),
  ],
  [
    'opt',
    setting(
      (value) => ({ optimizer: readOptimizer(value) }),
      ({ optimizer }) =>
        optimizer?.kind === 'sgd' ? `sgd:${optimizer.momentum}:${optimizer.weightDecay}` : undefined,
    ),
  ],
  [
    'lr',
    setting(
      (value) => ({ learningRate: readRate(value) }),
      ({ learningRate }, defaults) => unless(learningRate, defaults.learningRate),
    ),
  ],
  [
    'attack',
    setting(
      (value) => ({ attack: readAttack(value) }),
      ({ attack }) => {
        if (attack === undefined || attack === 'none') return undefined;
        const { norm, epsilon, steps, stepSize, randomStart, seed } = attack;
        return [norm, epsilon, steps, stepSize, randomStart ? 'r' : 'c', seed].join(':');
      },
    ),
  ],
  [
    'speed',
    setting(
      (value) => ({ speed: value === 'fastest' ? value : positiveNumber('speed', value) }),
      ({ speed }, defaults) => unless(speed, defaults.speed),
    ),
  ],
  [
    'run',
    view(
      (value) => ({ recorded: RECORDED_NAMES[oneOf('run', ['recorded', 'recorded-lenet'], value)] }),
      ({ recorded }) =>
        recorded ? (recorded === 'notebook' ? 'recorded' : `recorded-${recorded}`) : undefined,
    ),
  ],
  [
    'panel',
    view(
      (value) => ({ panel: oneOf('panel', PANELS, value) }),
      ({ panel }) => panel,
    ),
  ],
  [
    'layer',
    view(
      (value) => ({ layer: readLayer(value) }),
      ({ layer }) => layer,
    ),
  ],
  [
    'image',
    view(
      (value) => ({ image: readImage(value) }),
      ({ image }) => image && `${image.split}:${image.index}`,
    ),
  ],
  [
    'geometry',
    view(
      (value) => ({ geometry: readGeometry(value) }),
      ({ geometry }) => geometry && writeGeometryText(geometry),
    ),
  ],
  [
    'at',
    view(
      (value) => ({ at: value === 'best' || value === 'live' ? value : wholeNumber('at', value) }),
      ({ at }) => unless(at, 'live'),
    ),
  ],
  [
    'hide',
    view(
      (value) => ({ hide: readHidden(value) }),
      ({ hide }) => hide.join(','),
    ),
  ],
  [
    'lesson',
    view(
      (value) => ({ lesson: oneOf('lesson', LESSON_IDS, value) }),
      ({ lesson }) => lesson,
    ),
  ],
  [
    'embed',
    view(
      (value) => ({ embed: oneOf('embed', PANELS, value) }),
      ({ embed }) => embed,
    ),
  ],
]);

/** A key that changes the settings, if the result is valid. */
function setting(
  read: (value: string, settings: Partial<SharedSettings>) => Partial<SharedSettings>,
  write: (settings: Partial<SharedSettings>, defaults: SharedSettings) => string | number | undefined,
): LinkKey {
  return {
    read({ settings }, value) {
      const change = read(value, settings);
      try {
        const { data = 'mnist' } = settings;
        checkSettings({ ...defaultSettings(), data, ...change });
      } catch (error) {
        throw new Error(`In the link, ${placedMessageOf(error)}`);
      }
      Object.assign(settings, change);
    },
    write: ({ settings }) => text(write(settings, defaultSettings())),
  };
}

/** A key about the page's view. */
function view(
  read: (value: string) => Partial<Configuration>,
  write: (configuration: Configuration) => string | number | undefined,
): LinkKey {
  return {
    read: (configuration, value) => void Object.assign(configuration, read(value)),
    write: (configuration) => text(write(configuration)),
  };
}

function text(value: string | number | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : String(value);
}

/** The value, unless it is the default. */
function unless<Value>(value: Value | undefined, standard: Value): Value | undefined {
  return value === standard ? undefined : value;
}

/** The notebook's network is described by its number and size of filters, any other network by its text. */
function isNotebook(network = 'notebook'): boolean {
  return network === 'notebook';
}
