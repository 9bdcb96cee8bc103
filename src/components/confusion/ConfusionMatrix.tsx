import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react';
import type { Evaluation } from '../../ml/evaluation/evaluate.ts';
import { useColors } from '../shared/colors.ts';
import { formatCount, formatQuantity, formatShare } from '../shared/format.ts';
import styles from './ConfusionMatrix.module.css';
import { shareColors } from './shareColors.ts';

export interface ConfusionCell {
  label: number;
  prediction: number;
}

interface ConfusionMatrixProps {
  evaluation: Evaluation;
  classNames: readonly string[];
  shown: 'counts' | 'shares';
  selected?: ConfusionCell;
  onSelect: (cell: ConfusionCell) => void;
}

/** Counts of images by true class (row) and predicted class (column). Arrow keys move, Enter selects. */
export function ConfusionMatrix(props: ConfusionMatrixProps) {
  const { evaluation, classNames, shown, selected, onSelect } = props;
  const colors = useColors();
  const color = useMemo(() => shareColors(colors), [colors]);
  const table = useRef<HTMLTableElement>(null);
  const [current, setCurrent] = useState<ConfusionCell>({ label: 0, prediction: 0 });
  const [pointed, setPointed] = useState<ConfusionCell>();
  const classes = classNames.length;
  const longestName = Math.max(...classNames.map((name) => name.length));
  const { confusion } = evaluation;
  const totals = classNames.map((_, label) =>
    confusion.subarray(label * classes, (label + 1) * classes).reduce((sum, count) => sum + count, 0),
  );
  const countOf = ({ label, prediction }: ConfusionCell) => confusion[label * classes + prediction];
  const shareOf = (cell: ConfusionCell) => (totals[cell.label] > 0 ? countOf(cell) / totals[cell.label] : 0);
  const wordsFor = (cell: ConfusionCell) => {
    const { label, prediction } = cell;
    const what = label === prediction ? 'read right' : `read as ${classNames[prediction]}`;
    const share = `${formatShare(shareOf(cell))} of ${formatCount(totals[label])}`;
    return `${classNames[label]} ${what}: ${formatQuantity(countOf(cell), 'image')}, ${share}`;
  };

  const cellOf = (target: EventTarget): ConfusionCell | undefined => {
    const button = target instanceof Element ? target.closest<HTMLElement>('[data-label]') : null;
    return button
      ? { label: Number(button.dataset.label), prediction: Number(button.dataset.prediction) }
      : undefined;
  };
  const steer = (event: KeyboardEvent) => {
    const { label, prediction } = current;
    const last = classes - 1;
    const moves: Record<string, ConfusionCell> = {
      ArrowUp: { label: Math.max(0, label - 1), prediction },
      ArrowDown: { label: Math.min(last, label + 1), prediction },
      ArrowLeft: { label, prediction: Math.max(0, prediction - 1) },
      ArrowRight: { label, prediction: Math.min(last, prediction + 1) },
      Home: { label, prediction: 0 },
      End: { label, prediction: last },
    };
    const next = moves[event.key];
    if (!next || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    setCurrent(next);
    table.current
      ?.querySelector<HTMLElement>(`[data-label="${next.label}"][data-prediction="${next.prediction}"]`)
      ?.focus();
  };
  const marked = pointed ?? selected;

  return (
    <div className={styles.matrix}>
      <table
        ref={table}
        className={styles.table}
        data-names={longestName > 2 ? 'long' : 'short'}
        data-many={classes > 12}
        onKeyDown={steer}
        onPointerOver={(event: PointerEvent) => setPointed(cellOf(event.target))}
        onPointerLeave={() => setPointed(undefined)}
        onFocus={(event) => {
          const cell = cellOf(event.target);
          if (cell) setCurrent(cell);
          if (event.target.matches(':focus-visible')) setPointed(cell);
        }}
        onBlur={() => setPointed(undefined)}
      >
        <caption className="visually-hidden">
          Test images by true class (rows) and predicted class (columns)
        </caption>
        <thead>
          <tr>
            <th scope="col" className={styles.corner}>
              true
            </th>
            {classNames.map((name, prediction) => (
              <th key={name} scope="col" data-marked={marked?.prediction === prediction} title={name}>
                <span>{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {classNames.map((name, label) => (
            <tr key={name}>
              <th scope="row" data-marked={marked?.label === label} title={name}>
                {name}
              </th>
              {classNames.map((otherName, prediction) => {
                const cell = { label, prediction };
                const count = countOf(cell);
                const share = shareOf(cell);
                return (
                  <td key={otherName}>
                    <button
                      type="button"
                      className={styles.cell}
                      style={color(share, label === prediction)}
                      data-label={label}
                      data-prediction={prediction}
                      tabIndex={current.label === label && current.prediction === prediction ? 0 : -1}
                      aria-label={wordsFor(cell)}
                      aria-pressed={selected?.label === label && selected.prediction === prediction}
                      onClick={() => onSelect(cell)}
                    >
                      {count === 0 ? '' : shown === 'counts' ? formatCount(count) : shortShare(share)}
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.reading} aria-hidden="true">
        {marked ? wordsFor(marked) : 'Columns: predicted class. Click a cell to see its images.'}
      </p>
    </div>
  );
}

/** A percentage short enough for a cell: 98.2, 0.3 */
function shortShare(share: number): string {
  const percent = 100 * share;
  return percent >= 99.95 ? '100' : percent.toFixed(1);
}
