import { alignedTable, type Cell } from '../frame/output.ts';
import type { Outcome } from '../threads/pool.ts';
import type { Similarity } from './similarity.ts';

/** The matrix of debiased CKA; empty where there is none. */
export function similarityTable(outcome: Outcome<Similarity> | undefined): string {
  if (outcome?.kind !== 'done') return '';
  const { layers, examples, values } = outcome.result;
  const rows = layers.map((layer, i) => [
    layer,
    ...layers.map((_, j) => {
      const value = values[i * layers.length + j];
      return Number.isNaN(value) ? '–' : value.toFixed(3);
    }),
  ]);
  const title = `Debiased linear CKA between the layers, over the same ${examples} examples: near 1 where two layers find the same examples alike, 0 where they are unrelated`;
  return `${title}\n${alignedTable([['layer', ...layers], ...rows])}\n`;
}

/** The matrix as a list of rows. */
export function similarityJson({ layers, examples, values }: Similarity): object {
  const count = layers.length;
  return {
    measure: 'debiased linear CKA',
    examples,
    layers,
    values: layers.map((_, row) => values.subarray(row * count, (row + 1) * count)),
  };
}

/** A row for each ordered pair of layers; the last column names the other layer. */
export function similarityRows(outcome: Outcome<Similarity> | undefined): Cell[][] {
  if (outcome?.kind !== 'done') return [];
  const { layers, units, values } = outcome.result;
  return layers.flatMap((layer, i) =>
    layers.map((other, j) => [
      ...[layer, units[i], 'companions', 'debiasedCka', values[i * layers.length + j]],
      ...['', '', '', '', other],
    ]),
  );
}
