import { messageOf } from '../../ml/callError.ts';
import { isDataId } from '../../ml/data/dataId.ts';
import type { Split } from '../../ml/data/dataset.ts';
import { SHIPPED } from '../../ml/data/shipped.ts';
import type { BatchAttack } from '../../ml/engines/engine.ts';
import type { OptimizerDescription } from '../../ml/model/optimizer.ts';
import { parseNetworkLink } from '../../ml/model/text.ts';
import type { AnalysisSettings } from '../geometry/geometrySettings.ts';
import { readGeometryText } from '../geometry/geometryText.ts';
import { checkBatchAttack } from '../state/attackSettings.ts';
import { placedMessageOf } from '../state/errorText.ts';
import { shapeOf } from '../state/networkShape.ts';
import { CONTROLS, type Hideable, PANELS } from '../state/pageParts.ts';
import type { SharedSettings } from './configuration.ts';

/** Readers of the values of link keys. Each throws an Error that names the key and the expected value. */

const LAYER = /^[A-Za-z][\w.-]{0,40}$/;
const MOST_RATE_CHARACTERS = 500;

/** `mnist`, `fashion-mnist`, or `own-` and twelve digits of a SHA-256. */
export function readDataId(value: string): string {
  if (!isDataId(value)) {
    throw fault('data', `${Object.keys(SHIPPED).join(', ')} or the id of own images`, value);
  }
  return value;
}

/**
 * `c6k5s-r-p2-f10`, as `parseNetworkLink` reads it.
 * @param digits whether the images are those of MNIST or Fashion-MNIST; own images are known once they are loaded.
 */
export function readNet(value: string, digits: boolean): Partial<SharedSettings> {
  try {
    return shapeOf(parseNetworkLink(value, digits ? { classes: 10 } : { checked: false }));
  } catch (error) {
    throw new Error(`In the link, net: ${messageOf(error)}`);
  }
}

/** `sgd:0.9:0.0005`: momentum and weight decay. */
export function readOptimizer(value: string): OptimizerDescription {
  const match = /^sgd:(\d*\.?\d+(?:e-?\d{1,3})?):(\d*\.?\d+(?:e-?\d{1,3})?)$/.exec(value);
  if (value === 'adam') return { kind: 'adam' };
  if (!match) throw fault('opt', 'adam or such as sgd:0.9:0.0005', value);
  return { kind: 'sgd', momentum: Number(match[1]), weightDecay: Number(match[2]) };
}

/** `linf:0.1:7:0.025:r:0`: norm, epsilon, steps, step size, random start or not, seed. */
export function readAttack(value: string): BatchAttack {
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

export function readImage(value: string): { split: Split; index: number } {
  const match = /^(train|test):(\d{1,9})$/.exec(value);
  if (!match) throw fault('image', 'such as test:7', value);
  return { split: match[1] === 'train' ? 'train' : 'test', index: Number(match[2]) };
}

export function readGeometry(value: string): AnalysisSettings {
  try {
    return readGeometryText(value);
  } catch (error) {
    throw new Error(`In the link, ${placedMessageOf(error)}`);
  }
}

export function readHidden(value: string): Hideable[] {
  const all = [...PANELS, ...CONTROLS];
  const names = new Set(value.split(',').filter((name) => name !== ''));
  return [...names].map((name) => oneOf('hide', all, name));
}

/** @throws for a text that is empty or too long; whether it parses is checked later. */
export function readRate(value: string): string {
  if (value === '' || value.length > MOST_RATE_CHARACTERS) {
    throw fault('lr', `1 to ${MOST_RATE_CHARACTERS} characters`, value);
  }
  return value;
}

export function readLayer(value: string): string {
  if (!LAYER.test(value)) throw fault('layer', 'a layer’s name', value);
  return value;
}

export function wholeNumber(key: string, value: string): number {
  if (!/^\d{1,10}$/.test(value)) throw fault(key, 'a whole number', value);
  return Number(value);
}

export function positiveNumber(key: string, value: string): number {
  if (!/^\d*\.?\d+(?:e-?\d{1,3})?$/.test(value)) throw fault(key, 'a number', value);
  return Number(value);
}

export function oneOf<Text extends string>(key: string, texts: readonly Text[], value: string): Text {
  const found = texts.find((text) => text === value);
  if (found === undefined) throw fault(key, `one of ${texts.join(', ')}`, value);
  return found;
}

function fault(key: string, expected: string, value: string): Error {
  return new Error(`In the link, ${key} should be ${expected}, and is ${shown(value)}`);
}

export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
