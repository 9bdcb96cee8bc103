import { CallError } from '../../ml/callError.ts';
import type { BatchAttack } from '../../ml/engines/engine.ts';
import type { InputShape } from '../../ml/model/network.ts';

/** The largest images of a data set. */
const LARGEST_INPUT: InputShape = { channels: 3, height: 64, width: 64 };

/**
 * Largest possible change of an image, all values from 0 to 1: 1 in Linf, and in L2 the square root of the number of values,
 * 28 for MNIST.
 */
export function largestChange(norm: 'linf' | 'l2', { channels, height, width }: InputShape): number {
  return norm === 'linf' ? 1 : Math.sqrt(channels * height * width);
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
