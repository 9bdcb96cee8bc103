import type { AttackManner } from './robustnessFinding.ts';

/**
 * One step in L2 follows the normalized gradient; FGSM (Goodfellow et al. 2015), which uses the sign, exists only in
 * L∞.
 */
function nameOf(method: AttackManner['method'], norm: AttackManner['norm']): string {
  if (method === 'pgd') return norm === 'linf' ? 'PGD L∞' : 'PGD L2';
  return norm === 'linf' ? 'FGSM L∞' : 'Normalized gradient L2';
}

/**
 * An attack in words, for legends: method, norm, steps, step size, start and target. Older saved curves, which lack these
 * fields, say so.
 */
export function attackText(
  { method, norm, steps, stepSize, randomStart, target }: AttackManner,
  classNames: readonly string[],
): string {
  const name = nameOf(method, norm);
  if (randomStart === undefined) {
    return `${name}, ${method === 'pgd' ? 'steps, ' : ''}start and target not recorded`;
  }
  const size = stepSize === undefined ? `2.5 ε / ${steps}` : String(stepSize);
  const way = method === 'fgsm' ? 'one step of ε' : `${steps} ${steps === 1 ? 'step' : 'steps'} of ${size}`;
  const start = randomStart ? 'from random points' : 'from the image';
  const aim = target === undefined ? 'any wrong class' : (classNames[target] ?? `class ${target}`);
  return `${name}, ${way} ${start} toward ${aim}`;
}
