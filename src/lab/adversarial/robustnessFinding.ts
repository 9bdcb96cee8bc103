import type { RobustnessPoint } from '../../ml/adversarial/attack.ts';
import type { JsonValue } from '../../ml/formats/json.ts';

/** An attack's settings, without its epsilon. */
export interface AttackManner {
  method: 'fgsm' | 'pgd';
  norm: 'linf' | 'l2';
  /** Number of PGD steps. */
  steps?: number;
  /** Step size of PGD in Linf; in L2 a step is 2.5 epsilon / steps. */
  stepSize?: number;
  /** Missing in older saved curves, whose steps and target are also unknown. */
  randomStart?: boolean;
  /** Missing if the attack accepts any wrong class. */
  target?: number;
}

/** Accuracy against epsilon at one step. */
export interface RobustnessFinding extends AttackManner {
  kind: 'robustness';
  step: number;
  /** Milliseconds since 1970; identifies the curve. */
  drawn: number;
  /** Number of test images. */
  count: number;
  points: readonly RobustnessPoint[];
}

/** An attack repeated over training. */
export interface FollowedAttack extends AttackManner {
  epsilon: number;
  /** Number of test images, taken from the start of the test set. */
  count: number;
}

/** The result of one attack at one snapshot. */
export interface OverTrainingFinding {
  kind: 'overTraining';
  step: number;
  attack: FollowedAttack;
  correctBefore: number;
  correct: number;
  correctAs8Bit: number;
}

/** Equal for attacks whose points belong to the same curve. */
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

export function robustnessValue({ step, drawn, count, points, ...attack }: RobustnessFinding): JsonValue {
  return { step, drawn, ...mannerValue(attack), count, points: points.map((point) => ({ ...point })) };
}

export function overTrainingValue({ kind: _, attack, ...finding }: OverTrainingFinding): JsonValue {
  const { epsilon, count, randomStart = false } = attack;
  return { ...finding, attack: { ...mannerValue({ ...attack, randomStart }), epsilon, count } };
}

function mannerValue({ method, norm, steps, stepSize, randomStart, target }: AttackManner) {
  return {
    method,
    norm,
    ...(steps !== undefined && { steps }),
    ...(stepSize !== undefined && { stepSize }),
    ...(randomStart !== undefined && { randomStart }),
    ...(target !== undefined && { target }),
  };
}
