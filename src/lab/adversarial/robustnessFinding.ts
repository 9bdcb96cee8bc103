import type { AttackSettings, RobustnessPoint } from '../../ml/adversarial/attack.ts';
import type { JsonValue } from '../../ml/formats/json.ts';

/** Accuracy against epsilon at one step. */
export interface RobustnessFinding {
  kind: 'robustness';
  step: number;
  /** Milliseconds since 1970; tells curves apart. */
  drawn: number;
  method: 'fgsm' | 'pgd';
  norm: 'linf' | 'l2';
  /** Test images. */
  count: number;
  points: readonly RobustnessPoint[];
}

/** One attack over training. */
export interface FollowedAttack extends Omit<AttackSettings, 'target' | 'seed' | 'norm'> {
  norm: 'linf' | 'l2';
  target?: number;
  /** Test images, the first of them. */
  count: number;
}

/** What one attack left at one snapshot. */
export interface OverTrainingFinding {
  kind: 'overTraining';
  step: number;
  attack: FollowedAttack;
  correctBefore: number;
  correct: number;
  correctAs8Bit: number;
}

/** Equal for attacks whose points make one curve. */
export function attackKey({
  method,
  norm,
  epsilon,
  steps,
  stepSize,
  randomStart = false,
  target,
  count,
}: FollowedAttack): string {
  return JSON.stringify({ method, norm, epsilon, steps, stepSize, randomStart, target, count });
}

export function robustnessKey({ drawn }: RobustnessFinding): string {
  return String(drawn);
}

export function overTrainingKey({ attack, step }: OverTrainingFinding): string {
  return `${attackKey(attack)} ${step}`;
}

export function robustnessValue({ kind: _, points, ...finding }: RobustnessFinding): JsonValue {
  return { ...finding, points: points.map((point) => ({ ...point })) };
}

export function overTrainingValue({ kind: _, attack, ...finding }: OverTrainingFinding): JsonValue {
  const { steps, stepSize, target, randomStart = false, ...others } = attack;
  return {
    ...finding,
    attack: {
      ...others,
      randomStart,
      ...(steps !== undefined && { steps }),
      ...(stepSize !== undefined && { stepSize }),
      ...(target !== undefined && { target }),
    },
  };
}
