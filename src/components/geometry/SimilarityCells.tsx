import type { SimilarityMatrix } from '../../lab/ask/similarityMatrix.ts';
import { useColors } from '../shared/colors.ts';
import { parseRgb } from '../shared/rgb.ts';
import { ScrollRegion } from '../shared/ScrollRegion.tsx';
import styles from './SimilarityCells.module.css';
import { beyondNote, cellText, intervalText, isBeyond, matrixNote } from './similarityText.ts';

interface SimilarityCellsProps {
  similarity: SimilarityMatrix;
  /** The images of the comparison, in words. */
  images: string;
  /** A further note. */
  remark?: string;
}

/** The matrix as a table, with colors for the values, and notes on their meaning and their errors. */
export function SimilarityCells({ similarity, images, remark = '' }: SimilarityCellsProps) {
  const { rows, columns, values } = similarity;
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
                {columns.map((column, j) => (
                  <Cell key={column} similarity={similarity} at={i * columns.length + j} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {note && <p className={styles.note}>{note}</p>}
      <p className={styles.note}>
        {matrixNote(images)} {remark}
      </p>
    </>
  );
}

/** A value with its interval below it. */
function Cell({
  similarity: { values, errors, count },
  at,
}: Pick<SimilarityCellsProps, 'similarity'> & { at: number }) {
  const [red, green, blue] = parseRgb(useColors().positive);
  const value = values[at];
  const share = 0.55 * Math.min(1, Math.max(0, Number.isNaN(value) ? 0 : value));
  const interval = intervalText(errors[at], count);
  return (
    <td
      className={`data-color ${isBeyond(value) ? styles.beyond : ''}`}
      style={{ background: `rgba(${red}, ${green}, ${blue}, ${share.toFixed(3)})` }}
    >
      {cellText(value)}
      {interval && <span className={styles.interval}>{interval}</span>}
    </td>
  );
}
