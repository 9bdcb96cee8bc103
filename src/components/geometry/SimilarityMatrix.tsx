import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Similarity } from '../../lab/compare/similarity.ts';
import type { Sides, SimilarityAnswer } from '../../lab/compare/similarityFollow.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { useColors } from '../shared/colors.ts';
import { formatCount } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { parseRgb } from '../shared/rgb.ts';
import { ScrollRegion } from '../shared/ScrollRegion.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import styles from './SimilarityMatrix.module.css';
import { beyondNote, cellText, isBeyond } from './similarityText.ts';

interface SimilarityMatrixProps {
  layer: string;
  layers: readonly string[];
}

/** Debiased linear CKA as a matrix that follows the timeline; computed while it is open. */
export function SimilarityMatrix(props: SimilarityMatrixProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className={styles.view} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Similarity of layers, moments and runs</summary>
      {isOpen && <Matrix {...props} />}
    </details>
  );
}

function Matrix({ layer, layers }: SimilarityMatrixProps) {
  const { similarity, comparison } = useLabHandle();
  const hasMoments = useLab(({ snapshots }) => snapshots.length > 1);
  const name = useStore(comparison.store, ({ compared }) => compared?.name);
  const [wanted, setWanted] = useState<Sides>('layers');
  const { answer, stale, problem } = useStore(similarity.query.store);
  const sides =
    (wanted === 'runs' && name === undefined) || (wanted === 'moments' && !hasMoments) ? 'layers' : wanted;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another compared run of that name is another question
  useEffect(() => similarity.ask({ sides, layer, layers }), [similarity, sides, layer, layers, name]);
  useEffect(() => similarity.query.watch(), [similarity]);
  return (
    <>
      <ToggleGroup
        label="Compare"
        hideLabel
        compact
        value={sides}
        options={[
          { value: 'layers', label: 'Layers' },
          { value: 'moments', label: `${layer} over training`, disabled: !hasMoments },
          { value: 'runs', label: 'With the compared run', disabled: name === undefined },
        ]}
        onChange={setWanted}
      />
      {problem && <ErrorNotice message={problem} onRetry={similarity.query.renew} />}
      {answer ? (
        <>
          <p role="status" className={stale ? styles.stale : undefined}>
            {titleOf(answer, name)}
            {stale && ', computing…'}
          </p>
          <SimilarityCells similarity={answer} />
        </>
      ) : (
        !problem && <p role="status">Comparing…</p>
      )}
      <p className={styles.note}>
        Debiased linear CKA of the first 200 training images: 1 where images are alike in the same way, 0
        where unrelated. Corrected for few images and for few units, as if drawn from many like them (arXiv
        2502.15104): with ten units, single values can be off by a few tenths. The matrix is not saved with
        the run; its snapshots give the same values again.
      </p>
    </>
  );
}

function titleOf({ sides, layer, step, theirStep, rows }: SimilarityAnswer, name?: string): string {
  if (sides === 'moments') return `${layer} at ${rows.length} moments of the run`;
  if (theirStep === undefined) return `The layers at step ${formatCount(step)}`;
  return `The layers at step ${formatCount(step)} (rows) and those of “${name}” at step ${formatCount(theirStep)} (columns)`;
}

/** The matrix as a table, with colors for the values and a note on those that have none. */
export function SimilarityCells({
  similarity: { rows, columns, values },
}: {
  similarity: Pick<Similarity, 'rows' | 'columns' | 'values'>;
}) {
  const colors = useColors();
  const [red, green, blue] = parseRgb(colors.positive);
  const note = beyondNote(values);
  return (
    <>
      <ScrollRegion className={styles.scroll} label="Similarity">
        <table className={styles.matrix}>
          <thead>
            <tr>
              <th scope="col">CKA</th>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              <tr key={row}>
                <th scope="row">{row}</th>
                {columns.map((column, j) => {
                  const value = values[i * columns.length + j];
                  const share = 0.55 * Math.min(1, Math.max(0, Number.isNaN(value) ? 0 : value));
                  return (
                    <td
                      key={column}
                      className={`data-color ${isBeyond(value) ? styles.beyond : ''}`}
                      style={{ background: `rgba(${red}, ${green}, ${blue}, ${share.toFixed(3)})` }}
                    >
                      {cellText(value)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {note && <p className={styles.note}>{note}</p>}
    </>
  );
}
