import type { Json } from '../../ml/formats/json.ts';
import {
  boolean,
  checked,
  converted,
  list,
  number,
  oneOf,
  optional,
  record,
  type ValueOf,
  whole,
} from '../../ml/formats/schema.ts';
import { checkEpsilon } from '../state/attackSettings.ts';
import { doneStep, type Found, type RunSoFar } from '../state/runSoFar.ts';

const MOST_IMAGES = 60_000;
const MOST_POINTS = 1000;

const stepSize = checked(number(), (size, json) => {
  if (!(size >= 0 && size <= 1)) throw json.fault('a step size from 0 to 1');
});

const manner = {
  method: oneOf('fgsm', 'pgd'),
  norm: oneOf('linf', 'l2'),
  /** Number of PGD steps. */
  steps: optional(whole({ min: 1, max: 1000 })),
  /** Step size of PGD in Linf; in L2 a step is 2.5 epsilon / steps. */
  stepSize: optional(stepSize),
  /** Missing in older saved curves, whose steps and target are also unknown. */
  randomStart: optional(boolean()),
  /** Missing if the attack accepts any wrong class. */
  target: optional(whole({ max: 1000 })),
};
const mannerSchema = record(manner);

/** An attack's settings, without its epsilon. */
export type AttackManner = ValueOf<typeof mannerSchema>;

/** Number of test images. */
const count = whole({ min: 1, max: MOST_IMAGES });
const corrects = { correctBefore: whole(), correct: whole(), correctAs8Bit: whole() };

function checkCorrects(json: Json, most: number): void {
  for (const name of Object.keys(corrects)) json.get(name).whole({ max: most });
}

const pointRecord = record({ epsilon: number(), ...corrects, reachedTarget: optional(whole()), count });
const point = checked(pointRecord, (value, json) => checkCorrects(json, value.count));

/** Accuracy against epsilon at one step. */
export const robustnessSchema = (run?: RunSoFar) =>
  checked(
    record({
      step: doneStep(run),
      /** Milliseconds since 1970; identifies the curve. */
      drawn: whole(),
      ...manner,
      count,
      points: list(point, MOST_POINTS),
    }),
    ({ norm, points }) => {
      for (const { epsilon } of points) checkEpsilon(epsilon, norm);
    },
  );
export type RobustnessFinding = Found<'robustness', typeof robustnessSchema>;

/** An attack repeated over training, on the first `count` images of the test set. */
export interface FollowedAttack extends AttackManner {
  epsilon: number;
  count: number;
}

const followedAttack = checked(
  converted(record({ ...manner, epsilon: number(), randomStart: boolean(), count }), {
    read: (attack): FollowedAttack => attack,
    write: (attack) => ({ ...attack, randomStart: attack.randomStart ?? false }),
  }),
  ({ epsilon, norm }) => {
    checkEpsilon(epsilon, norm);
  },
);

/** The result of one attack at one snapshot. */
export const overTrainingSchema = (run?: RunSoFar) =>
  checked(record({ step: doneStep(run), ...corrects, attack: followedAttack }), ({ attack }, json) => {
    checkCorrects(json, attack.count);
  });
export type OverTrainingFinding = Found<'overTraining', typeof overTrainingSchema>;

/** Equal for attacks whose points belong to the same curve. */
export function attackKey({
  method,
  norm,
  epsilon,
  steps,
  stepSize,
  randomStart = false,
  target,
  count: images,
}: FollowedAttack): string {
  return JSON.stringify({ method, norm, epsilon, steps, stepSize, randomStart, target, count: images });
}

export function robustnessKey({ drawn }: Pick<RobustnessFinding, 'drawn'>): string {
  return String(drawn);
}

export function overTrainingKey({ attack, step }: Pick<OverTrainingFinding, 'attack' | 'step'>): string {
  return `${attackKey(attack)} ${step}`;
}
