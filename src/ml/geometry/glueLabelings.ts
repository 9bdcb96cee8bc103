import { CallError } from '../callError.ts';
import type { RandomStream } from './gaussian.ts';

/** Distributions of the manifolds' labelings. */
export const ENSEMBLES = ['uniform', 'balanced', 'oneVersusRest'] as const;
/**
 * `uniform`: every labeling except the two constant ones, which are inseparable for centered data. `balanced`: as many +1 as
 * -1, or one more of either if the number is odd. `oneVersusRest`: +1 for one manifold, -1 for all others.
 */
export type Ensemble = (typeof ENSEMBLES)[number];

/** Draws a labeling into `labels`, one value of -1 or +1 for each manifold; at least two manifolds. */
export function drawLabeling(labels: Int8Array, ensemble: Ensemble, random: RandomStream): void {
  const count = labels.length;
  if (ensemble === 'uniform') {
    do {
      for (let m = 0; m < count; m++) labels[m] = random.uniform() < 0.5 ? -1 : 1;
    } while (labels.every((label) => label === labels[0]));
    return;
  }
  labels.fill(-1);
  if (ensemble === 'oneVersusRest') {
    labels[Math.floor(random.uniform() * count)] = 1;
    return;
  }
  const positive = Math.floor(count / 2) + (count % 2 === 1 && random.uniform() < 0.5 ? 1 : 0);
  labels.fill(1, 0, positive);
  for (let m = count - 1; m > 0; m--) {
    const other = Math.floor(random.uniform() * (m + 1));
    [labels[m], labels[other]] = [labels[other], labels[m]];
  }
}

/**
 * Checks given labels: one labeling [P] for all samples, or one for each, [samples x P].
 * @throws unless every value is -1 or +1.
 */
export function assertLabels(labels: Int8Array, manifolds: number, samples: number): void {
  const caller = 'glueGeometry';
  if (labels.length !== manifolds && labels.length !== manifolds * samples) {
    throw new CallError(
      caller,
      `expected ${manifolds} labels, or ${samples} x ${manifolds} (a row for each sample), found ${labels.length}`,
    );
  }
  const wrong = labels.findIndex((label) => label !== 1 && label !== -1);
  if (wrong >= 0) {
    throw new CallError(caller, `expected labels of -1 or +1, found ${labels[wrong]} at place ${wrong}`);
  }
}
