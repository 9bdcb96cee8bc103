import { CallError } from '../../ml/callError.ts';
import type { BatchAttack } from '../../ml/engines/engine.ts';
import type { InputShape } from '../../ml/model/network.ts';
import { checkBatchAttack } from './attackSettings.ts';

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
