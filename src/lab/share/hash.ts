import type { Split } from '../../ml/data/dataset.ts';
import type { BatchAttack } from '../../ml/engines/engine.ts';
import type { OptimizerDescription } from '../../ml/model/optimizer.ts';
import { networkLink, parseNetworkLink, parseNetworkText } from '../../ml/model/text.ts';
import type { AnalysisSettings } from '../geometry/geometryFinding.ts';
import { readGeometryText, writeGeometryText } from '../geometry/geometryText.ts';
import { checkBatchAttack } from '../state/attackSettings.ts';
import { messageOf, placedMessageOf } from '../state/errorText.ts';
import { shapeOf } from '../state/networkChoice.ts';
import { CONTROLS, type Hideable, PANELS, type PanelId } from '../state/pageParts.ts';
import type { Settings } from '../state/settings.ts';
import { checkSettings, defaultSettings } from '../state/settings.ts';
import type { Moment } from '../state/state.ts';
import { mendedLink } from './mendedLink.ts';

/**
 * A configuration as the address's hash:
 * `#v=1&seed=111&lr=1e-3&panel=geometry&layer=fc&image=test:7&at=best&hide=settings,adversarial`. Whatever equals the default
 * is left out; the engine is the reader's own affair and never in it.
 */

const VERSION = 1;
/** Longer hashes are not read: every valid one is far shorter. */
export const MOST_CHARACTERS = 8000;
const MOST_RATE_CHARACTERS = 500;

/** Settings that a link carries. */
export type SharedSettings = Omit<Settings, 'engine'>;

export interface Configuration {
  /** Only what the link says; the rest is the default. */
  settings: Partial<SharedSettings>;
  panel?: PanelId;
  /** The layer that Spectrum and Metamers look at. */
  layer?: string;
  image?: { split: Split; index: number };
  /** How Geometry draws images, searches and measures. */
  geometry?: AnalysisSettings;
  at?: Moment | 'best';
  /** The run that comes with the site is shown. */
  recorded?: boolean;
  hide: readonly Hideable[];
}

export interface ReadHash {
  configuration: Configuration;
  /** What was wrong, a sentence each; the rest of the link holds. */
  problems: string[];
}

const LAYER = /^[A-Za-z][\w.-]{0,40}$/;
const WHOLE_SETTINGS = {
  seed: 'seed',
  epochs: 'epochs',
  batch: 'batchSize',
  filters: 'filters',
  kernel: 'kernelSize',
} as const;

/**
 * Reads a hash, with or without its `#`. Learning rates are only measured here, not parsed: `checkLearningRate` does that.
 * @returns undefined where it is no configuration at all, such as `#filters`.
 */
export function readHash(hash: string): ReadHash | undefined {
  const text = mendedLink(hash.replace(/^#+/, ''));
  if (!text.includes('=') && !/^v%/i.test(text)) return undefined;
  const settings: Partial<SharedSettings> = {};
  const configuration: Configuration = { settings, hide: [] };
  const problems: string[] = [];
  const read: ReadHash = { configuration, problems };
  if (text.length > MOST_CHARACTERS) {
    problems.push(
      `The link is too long: at most ${MOST_CHARACTERS} characters are read, and it has ${text.length}. Nothing of it is used.`,
    );
    return read;
  }
  const entries = new Map(new URLSearchParams(text.replaceAll('+', '%2B')));
  const version = entries.get('v');
  if (version !== String(VERSION)) {
    problems.push(
      /^\d{1,6}$/.test(version ?? '') && Number(version) > VERSION
        ? `The link is of version ${version}, newer than this page, which reads ${VERSION}. Reload the page to get the newest one.`
        : `The link should begin with v=${VERSION}, and it does not. Nothing of it is used.`,
    );
    return read;
  }
  entries.delete('v');
  for (const [key, value] of entries) {
    try {
      readEntry(configuration, key, value);
    } catch (error) {
      problems.push(`${placedMessageOf(error)}. The rest of the link holds.`);
    }
  }
  return read;
}

function readEntry(configuration: Configuration, key: string, value: string): void {
  const { settings } = configuration;
  switch (key) {
    case 'seed':
    case 'epochs':
    case 'batch':
    case 'filters':
    case 'kernel':
      take(settings, { [WHOLE_SETTINGS[key]]: wholeNumber(key, value) });
      break;
    case 'net':
      take(settings, readNet(value));
      break;
    case 'opt':
      take(settings, { optimizer: readOptimizer(value) });
      break;
    case 'lr':
      if (value === '' || value.length > MOST_RATE_CHARACTERS) {
        throw fault(key, `1 to ${MOST_RATE_CHARACTERS} characters`, value);
      }
      take(settings, { learningRate: value });
      break;
    case 'speed':
      take(settings, { speed: value === 'fastest' ? value : positiveNumber(key, value) });
      break;
    case 'attack':
      take(settings, { attack: readAttack(value) });
      break;
    case 'panel':
      configuration.panel = oneOf(key, PANELS, value);
      break;
    case 'layer':
      if (!LAYER.test(value)) throw fault(key, 'a layer’s name', value);
      configuration.layer = value;
      break;
    case 'image':
      configuration.image = readImage(value);
      break;
    case 'geometry':
      configuration.geometry = readGeometry(value);
      break;
    case 'at':
      configuration.at = value === 'best' || value === 'live' ? value : wholeNumber(key, value);
      break;
    case 'run':
      configuration.recorded = oneOf(key, ['recorded'], value) === 'recorded';
      break;
    case 'hide':
      configuration.hide = readHidden(value);
      break;
    default:
      throw new Error(`The link says ${shown(key)}, which means nothing here`);
  }
}

/** Adds what a link says if the settings would be valid with it. */
function take(settings: Partial<SharedSettings>, change: Partial<SharedSettings>): void {
  try {
    checkSettings({ ...defaultSettings(), ...change });
  } catch (error) {
    throw new Error(`In the link, ${placedMessageOf(error)}`);
  }
  Object.assign(settings, change);
}

/** `c6k5s-r-p2-f10`, as `parseNetworkLink` reads it. */
function readNet(value: string): Partial<SharedSettings> {
  try {
    return shapeOf(parseNetworkLink(value, { classes: 10 }));
  } catch (error) {
    throw new Error(`In the link, net: ${messageOf(error)}`);
  }
}

/** `sgd:0.9:0.0005`: momentum and weight decay. */
function readOptimizer(value: string): OptimizerDescription {
  const match = /^sgd:(\d*\.?\d+(?:e-?\d{1,3})?):(\d*\.?\d+(?:e-?\d{1,3})?)$/.exec(value);
  if (value === 'adam') return { kind: 'adam' };
  if (!match) throw fault('opt', 'adam or such as sgd:0.9:0.0005', value);
  return { kind: 'sgd', momentum: Number(match[1]), weightDecay: Number(match[2]) };
}

/** `linf:0.1:7:0.025:r:0`: norm, epsilon, steps, step size, random start or not, seed. */
function readAttack(value: string): BatchAttack {
  const match =
    /^(linf|l2):(\d*\.?\d+(?:e-?\d{1,3})?):(\d{1,3}):(\d*\.?\d+(?:e-?\d{1,3})?):([rc]):(\d{1,10})$/.exec(
      value,
    );
  if (!match) throw fault('attack', 'such as linf:0.1:7:0.025:r:0', value);
  const [, norm, epsilon, steps, stepSize, start, seed] = match;
  return checkBatchAttack({
    norm: norm === 'l2' ? 'l2' : 'linf',
    epsilon: Number(epsilon),
    steps: Number(steps),
    stepSize: Number(stepSize),
    randomStart: start === 'r',
    seed: Number(seed),
  });
}

function readImage(value: string): { split: Split; index: number } {
  const match = /^(train|test):(\d{1,9})$/.exec(value);
  if (!match) throw fault('image', 'such as test:7', value);
  return { split: match[1] === 'train' ? 'train' : 'test', index: Number(match[2]) };
}

function readGeometry(value: string): AnalysisSettings {
  try {
    return readGeometryText(value);
  } catch (error) {
    throw new Error(`In the link, ${placedMessageOf(error)}`);
  }
}

function readHidden(value: string): Hideable[] {
  const all = [...PANELS, ...CONTROLS];
  const names = new Set(value.split(',').filter((name) => name !== ''));
  return [...names].map((name) => oneOf('hide', all, name));
}

function wholeNumber(key: string, value: string): number {
  if (!/^\d{1,10}$/.test(value)) throw fault(key, 'a whole number', value);
  return Number(value);
}

function positiveNumber(key: string, value: string): number {
  if (!/^\d*\.?\d+(?:e-?\d{1,3})?$/.test(value)) throw fault(key, 'a number', value);
  return Number(value);
}

function oneOf<Text extends string>(key: string, texts: readonly Text[], value: string): Text {
  const found = texts.find((text) => text === value);
  if (found === undefined) throw fault(key, `one of ${texts.join(', ')}`, value);
  return found;
}

function fault(key: string, expected: string, value: string): Error {
  return new Error(`In the link, ${key} should be ${expected}, and is ${shown(value)}`);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** The hash of a configuration, with its `#`; what equals the defaults is left out. */
export function writeHash(configuration: Configuration): string {
  const { settings, panel, layer, image, geometry, at, recorded, hide } = configuration;
  const entries: [string, string][] = [['v', String(VERSION)]];
  const defaults = defaultSettings();
  const { network = 'notebook' } = settings;
  for (const [key, name] of Object.entries(WHOLE_SETTINGS)) {
    const value = settings[name];
    // Sizes are of the notebook's network.
    if ((name === 'filters' || name === 'kernelSize') && network !== 'notebook') continue;
    // The seed is always said: it is what makes a run a run.
    if (value !== undefined && (value !== defaults[name] || key === 'seed'))
      entries.push([key, String(value)]);
  }
  if (network !== 'notebook') entries.push(['net', networkLink(parseNetworkText(network))]);
  const { learningRate, attack, speed, optimizer } = settings;
  if (optimizer?.kind === 'sgd') {
    entries.push(['opt', `sgd:${optimizer.momentum}:${optimizer.weightDecay}`]);
  }
  if (learningRate !== undefined && learningRate !== defaults.learningRate)
    entries.push(['lr', learningRate]);
  if (attack !== undefined && attack !== 'none') {
    const { norm, epsilon, steps, stepSize, randomStart, seed } = attack;
    entries.push(['attack', [norm, epsilon, steps, stepSize, randomStart ? 'r' : 'c', seed].join(':')]);
  }
  if (speed !== undefined && speed !== defaults.speed) entries.push(['speed', String(speed)]);
  if (recorded) entries.push(['run', 'recorded']);
  if (panel) entries.push(['panel', panel]);
  if (layer) entries.push(['layer', layer]);
  if (image) entries.push(['image', `${image.split}:${image.index}`]);
  const analysis = geometry ? writeGeometryText(geometry) : '';
  if (analysis !== '') entries.push(['geometry', analysis]);
  if (at !== undefined && at !== 'live') entries.push(['at', String(at)]);
  if (hide.length > 0) entries.push(['hide', hide.join(',')]);
  return `#${entries.map(([key, value]) => `${key}=${readable(value)}`).join('&')}`;
}

/** As `encodeURIComponent`, but for the characters that a hash may hold as they are. */
function readable(value: string): string {
  return encodeURIComponent(value).replace(/%(?:3A|2C|2F|40)/g, decodeURIComponent);
}
