import { WHY_UNKNOWN } from '../../ml/similarity/alignment.ts';
import { alignedTable, type Cell, withError } from '../frame/output.ts';
import type { Outcome } from '../threads/pool.ts';
import type { Similarity } from './similarity.ts';

/** The matrix of debiased CKA with its errors and their meaning; empty where there is none. */
export function similarityTable(outcome: Outcome<Similarity> | undefined): string {
  if (outcome?.kind !== 'done') return '';
  const { layers, examples, values, errors } = outcome.result;
  const rows = layers.map((layer, i) => [
    layer,
    ...layers.map((_, j) => {
      const at = i * layers.length + j;
      return withError(Number.isNaN(values[at]) ? undefined : values[at], errors[at]);
    }),
  ]);
  const title = `Debiased linear CKA between the layers, over the same ${examples} examples: near 1 where two layers find the same examples alike, 0 where they are unrelated`;
  const note =
    'In this matrix, ± is one standard error over the draw of the examples, from leaving out each in turn (jackknife); the units are held fixed.';
  const dash = values.some(Number.isNaN) ? `– ${WHY_UNKNOWN}\n` : '';
  return `${title}\n${alignedTable([['layer', ...layers], ...rows])}\n${note}\n${dash}`;
}

/** The matrix and its errors as lists of rows. */
export function similarityJson({ layers, examples, values, errors }: Similarity): object {
  const rowsOf = (all: Float64Array) =>
    layers.map((_, row) => all.subarray(row * layers.length, (row + 1) * layers.length));
  return {
    measure: 'debiased linear CKA',
    examples,
    layers,
    values: rowsOf(values),
    imageErrors: rowsOf(errors),
  };
}

/** A row for each ordered pair of layers; the last column names the other layer. */
export function similarityRows(outcome: Outcome<Similarity> | undefined): Cell[][] {
  if (outcome?.kind !== 'done') return [];
  const { layers, units, values, errors } = outcome.result;
  return layers.flatMap((layer, i) =>
    layers.map((other, j) => {
      const at = i * layers.length + j;
      return [layer, units[i], 'companions', 'debiasedCka', values[at], '', errors[at], '', '', other];
    }),
  );
}
