import { CallError } from '../../ml/callError.ts';
import type { BatchAttack } from '../../ml/engines/engine.ts';
import type { InputShape } from '../../ml/model/network.ts';

/** Options of adversarial training. */
export interface AdversarialTraining {
  /** Default pgd. */
  method?: 'fgsm' | 'pgd';
  /** Default linf. */
  norm?: 'linf' | 'l2';
  epsilon: number;
  /** Number of PGD steps, default 7. */
  steps?: number;
  /** PGD step size, default a quarter of epsilon. */
  stepSize?: number;
  /** Random start of PGD, default true. */
  randomStart?: boolean;
  /** Default 0. */
  seed?: number;
}

/** The largest images of a data set. */
const LARGEST_INPUT: InputShape = { channels: 3, height: 64, width: 64 };

/**
 * Largest possible change of an image, all values from 0 to 1: 1 in Linf, and in L2 the square root of the number of values,
 * 28 for MNIST.
 */
export function largestChange(norm: 'linf' | 'l2', { channels, height, width }: InputShape): number {
  return norm === 'linf' ? 1 : Math.sqrt(channels * height * width);
}

/** Fills in defaults. FGSM is one step of size epsilon without a random start. */
export function batchAttackOf(asked: AdversarialTraining | 'none', input?: InputShape): BatchAttack | 'none' {
  if (asked === 'none') return asked;
  if (typeof asked !== 'object' || asked === null) {
    throw new CallError('attack', `expected "none" or { method, epsilon, ... }, found ${String(asked)}`);
  }
  const { method = 'pgd', norm = 'linf', epsilon, seed = 0 } = asked;
  if (method !== 'fgsm' && method !== 'pgd') {
    throw new CallError('attack', `expected method "fgsm" or "pgd", found "${String(method)}"`);
  }
  const fast = method === 'fgsm';
  const attack = {
    norm,
    epsilon,
    seed,
    steps: fast ? 1 : (asked.steps ?? 7),
    stepSize: fast ? epsilon : (asked.stepSize ?? epsilon / 4),
    randomStart: fast ? false : (asked.randomStart ?? true),
  };
  return checkBatchAttack(attack, input);
}

/**
 * @param input the network's input, which limits changes in L2. Default: the largest images that a data set can have.
 * @throws an Error that names the field, the expected value and the value found.
 */
export function checkBatchAttack(attack: BatchAttack, input = LARGEST_INPUT): BatchAttack {
  const { norm, epsilon, steps, stepSize, seed } = attack;
  if (norm !== 'linf' && norm !== 'l2') {
    throw new CallError('attack', `expected norm "linf" or "l2", found "${String(norm)}"`);
  }
  checkEpsilon(epsilon, norm, input);
  if (!Number.isInteger(steps) || steps < 1 || steps > 100) {
    throw new CallError('attack', `expected a whole number of steps from 1 to 100, found ${steps}`);
  }
  const longest = largestChange('l2', input);
  if (!(stepSize >= 0 && stepSize <= longest)) {
    throw new CallError('attack', `expected a step size from 0 to ${shown(longest)}, found ${stepSize}`);
  }
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new CallError('attack', `expected a seed from 0 to ${2 ** 32 - 1}, found ${seed}`);
  }
  return attack;
}

/** @throws unless epsilon is in the range of the norm for images of this shape. */
export function checkEpsilon(epsilon: unknown, norm: 'linf' | 'l2', input = LARGEST_INPUT): number {
  const largest = largestChange(norm, input);
  if (typeof epsilon !== 'number' || !(epsilon >= 0 && epsilon <= largest)) {
    throw new CallError(
      'attack',
      `expected epsilon from 0 to ${shown(largest)} for ${norm}, found ${String(epsilon)}`,
    );
  }
  return epsilon;
}

/** At most two decimals, never above the limit. */
function shown(limit: number): number {
  return Math.floor(100 * limit) / 100;
}
