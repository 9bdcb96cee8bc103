import { CallError } from '../../ml/callError.ts';
import type { BatchAttack } from '../../ml/engines/engine.ts';

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

/** Largest possible l2 change of an image: all 784 pixels from 0 to 1. */
const LARGEST_L2 = 28;

/** Fills in defaults. FGSM is one step of size epsilon without a random start. */
export function batchAttackOf(asked: AdversarialTraining | 'none'): BatchAttack | 'none' {
  if (asked === 'none') return asked;
  if (typeof asked !== 'object' || asked === null) {
    throw new CallError('attack', `expected "none" or { method, epsilon, ... }, found ${String(asked)}`);
  }
  const { method = 'pgd', norm = 'linf', epsilon, seed = 0 } = asked;
  if (method !== 'fgsm' && method !== 'pgd') {
    throw new CallError('attack', `expected method "fgsm" or "pgd", found "${String(method)}"`);
  }
  const fast = method === 'fgsm';
  return checkBatchAttack({
    norm,
    epsilon,
    seed,
    steps: fast ? 1 : (asked.steps ?? 7),
    stepSize: fast ? epsilon : (asked.stepSize ?? epsilon / 4),
    randomStart: fast ? false : (asked.randomStart ?? true),
  });
}

/** @throws an Error that names the field, the expected value and the value found. */
export function checkBatchAttack(attack: BatchAttack): BatchAttack {
  const { norm, epsilon, steps, stepSize, seed } = attack;
  if (norm !== 'linf' && norm !== 'l2') {
    throw new CallError('attack', `expected norm "linf" or "l2", found "${String(norm)}"`);
  }
  checkEpsilon(epsilon, norm);
  if (!Number.isInteger(steps) || steps < 1 || steps > 100) {
    throw new CallError('attack', `expected a whole number of steps from 1 to 100, found ${steps}`);
  }
  if (!(stepSize >= 0 && stepSize <= LARGEST_L2)) {
    throw new CallError('attack', `expected a step size from 0 to ${LARGEST_L2}, found ${stepSize}`);
  }
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new CallError('attack', `expected a seed from 0 to ${2 ** 32 - 1}, found ${seed}`);
  }
  return attack;
}

/** @throws unless epsilon is in the range of the norm. */
export function checkEpsilon(epsilon: unknown, norm: 'linf' | 'l2'): number {
  const largest = norm === 'linf' ? 1 : LARGEST_L2;
  if (typeof epsilon !== 'number' || !(epsilon >= 0 && epsilon <= largest)) {
    throw new CallError(
      'attack',
      `expected epsilon from 0 to ${largest} for ${norm}, found ${String(epsilon)}`,
    );
  }
  return epsilon;
}
