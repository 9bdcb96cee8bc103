import type { LabImage } from '../images/labImage.ts';
import type { LabState } from '../state/state.ts';
import type { AttackManner, RobustnessFinding } from './robustnessFinding.ts';

export interface AttackControls {
  method: 'fgsm' | 'pgd';
  norm: 'linf' | 'l2';
  /** One epsilon per norm, because the scales differ. */
  epsilon: { linf: number; l2: number };
  steps: number;
  /** Step size for Linf; L2 uses 2.5 epsilon / steps. */
  stepSize: number;
  randomStart: boolean;
  /** The target class; `any` accepts every class except the true one. */
  target: number | 'any';
  /** Number of test images for the robustness curve. */
  count: number;
}

/** One image's attack, as the panel shows it. */
export interface ShownAttack {
  step: number;
  image: LabImage;
  /** The class taken as true: the label, or the network's prediction if there is no label. */
  truth: number;
  epsilon: number;
  norm: 'linf' | 'l2';
  target?: number;
  attacked: Float32Array;
  predictions: { before: number; after: number; as8Bit: number };
  /** [classes] */
  before: Float32Array;
  after: Float32Array;
}

export interface RobustnessRun extends RobustnessFinding {
  /** Counts up over the curves drawn. */
  id: number;
}

export interface AttacksState {
  controls: AttackControls;
  image?: LabImage;
  shown?: ShownAttack;
  problem?: string;
  /** Curves of this run, newest last. */
  curves: readonly RobustnessRun[];
  /** Progress of the curve being drawn. */
  curveProgress?: { done: number; count: number };
  curveProblem?: string;
}

/** The number of test images to attack: as many as the controls say, at most all. */
export function attackedCount({ count }: AttackControls, { data }: Pick<LabState, 'data'>): number {
  return Math.min(count, data?.test.count ?? count);
}

/** The attack set by the controls, without its epsilon. */
export function settingsOf(controls: AttackControls): AttackManner {
  const { method, norm, steps, stepSize, randomStart, target } = controls;
  return {
    method,
    norm,
    randomStart,
    ...(method === 'pgd' && { steps, ...(norm === 'linf' && { stepSize }) }),
    ...(target !== 'any' && { target }),
  };
}
