import { CENTER_RULES, ENSEMBLES, type Ensemble } from '../../ml/geometry/index.ts';
import type { GivenOptions, OptionSpec } from '../frame/options.ts';
import { UsageError } from '../frame/usageError.ts';
import type { Classes } from '../inputs/classes.ts';

const ESTIMATORS = ['glue', 'mean-field', 'simulation', 'companions'] as const;
export type Estimator = (typeof ESTIMATORS)[number];

/** The settings of every analysis of one call. */
export interface GeometrySettings {
  estimators: Estimator[];
  seed: number;
  /** Examples of each class, the first of the file; undefined for all. */
  points?: number;
  samples: number;
  /** Label ensemble of GLUE. */
  ensemble: Ensemble;
  /** Whether GLUE subtracts the mean of all points. */
  center: boolean;
  kappa: number;
  rule: (typeof CENTER_RULES)[number];
  dichotomies: number;
  /** Random halves of the examples for the errors over images; 0 for none. */
  resamples: number;
}

export const SETTINGS_OPTIONS = {
  estimator: {
    value: 'LIST',
    default: 'glue,mean-field',
    help: `any of ${ESTIMATORS.join(', ')}, with commas between them; companions are participation ratio, NC1, few-shot error and debiased CKA between the layers`,
  },
  seed: { value: 'N', default: '0', help: 'seed of everything random' },
  points: { value: 'N', help: 'use the first N examples of each class (default: all)' },
  samples: { value: 'N', default: '300', help: 'random vectors per estimate' },
  ensemble: {
    value: 'NAME',
    default: ENSEMBLES[0],
    help: `glue: how labelings of the classes are drawn, ${ENSEMBLES.join(', ')}`,
  },
  'no-center': { help: 'glue: keep the points as they are, instead of subtracting the mean of all' },
  kappa: { value: 'X', default: '0', help: 'mean-field: margin, in units of the center’s norm' },
  'center-rule': {
    value: 'RULE',
    default: CENTER_RULES[0],
    help: `mean-field: how the low-rank structure of the centers is chosen, ${CENTER_RULES.join(' or ')}`,
  },
  dichotomies: { value: 'N', default: '50', help: 'simulation: random labelings of the classes' },
  resamples: {
    value: 'N',
    default: '0',
    help: 'glue, mean-field: random halves of the examples, for the errors over images; 10 or more are of use',
  },
} as const satisfies Record<string, OptionSpec>;

/** @throws UsageError that names the option. */
export function readSettings(given: GivenOptions): GeometrySettings {
  const resamples = given.whole('resamples', { min: 0, max: 1000 });
  if (resamples === 1) throw given.fault('expected 0 or at least 2 after --resamples, found 1');
  return {
    estimators: given.someOf('estimator', ESTIMATORS),
    seed: given.whole('seed', { min: 0, max: 2 ** 32 - 1 }),
    points: given.text('points') === undefined ? undefined : given.whole('points', { min: 1 }),
    samples: given.whole('samples', { min: 1, max: 1_000_000 }),
    ensemble: given.oneOf('ensemble', ENSEMBLES),
    center: !given.has('no-center'),
    kappa: given.number('kappa'),
    rule: given.oneOf('center-rule', CENTER_RULES),
    dichotomies: given.whole('dichotomies', { min: 1, max: 100_000 }),
    resamples,
  };
}

/** A half of fewer examples is a single one. */
const FEWEST_TO_HALVE = 4;

/** Checks that each class has the examples that the settings need. @throws UsageError that names the smallest class. */
export function checkExamples(
  path: string,
  { names, counts }: Classes,
  { estimators, resamples }: GeometrySettings,
): void {
  const fewest = Math.min(...counts);
  const found = `found ${fewest} of “${names[counts.indexOf(fewest)]}”`;
  if (fewest < 2 && estimators.includes('companions')) {
    throw new UsageError(
      `${path}: expected at least two examples of each class for companions, ${found}; add examples or leave companions out of --estimator.`,
    );
  }
  const isResampled = estimators.includes('glue') || estimators.includes('mean-field');
  if (fewest < FEWEST_TO_HALVE && resamples > 0 && isResampled) {
    throw new UsageError(
      `${path}: expected at least ${FEWEST_TO_HALVE} examples of each class for --resamples, ${found}; add examples or leave out --resamples.`,
    );
  }
}
