import type { LabImage } from '../images/images.ts';
import type { AttackManner, RobustnessFinding } from './robustnessFinding.ts';

export interface AttackControls {
  method: 'fgsm' | 'pgd';
  norm: 'linf' | 'l2';
  /** One for each norm, whose scales differ. */
  epsilon: { linf: number; l2: number };
  steps: number;
  /** Of L-infinity; L2 takes 2.5 epsilon / steps. */
  stepSize: number;
  randomStart: boolean;
  /** The class to reach; `any` other than the true one will do. */
  target: number | 'any';
  /** Test images of the robustness curve. */
  count: number;
}

/** One image's attack, as the panel shows it. */
export interface ShownAttack {
  step: number;
  image: LabImage;
  /** What the attack takes for true: the label, or what the network read where none is known. */
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
  /** Curves of this run, the newest last. */
  curves: readonly RobustnessRun[];
  /** How far the curve under way is. */
  curveProgress?: { done: number; count: number };
  curveProblem?: string;
}

/** The attack that the controls describe, but for its epsilon. */
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
