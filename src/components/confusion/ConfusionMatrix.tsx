import {
  type CSSProperties,
  type FocusEvent,
  type KeyboardEvent,
  type PointerEvent,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { Evaluation } from '../../ml/evaluation/evaluate.ts';
import { useLab } from '../context/LabContext.tsx';
import { useColors } from '../shared/colors.ts';
import { formatCount } from '../shared/format.ts';
import { moveOf } from '../shared/moveOf.ts';
import { type CellNumber, CellNumbers } from './CellNumbers.tsx';
import styles from './ConfusionMatrix.module.css';
import { type ConfusionCell, confusionReading } from './confusionReading.ts';
import { shareColors } from './shareColors.ts';

interface ConfusionMatrixProps {
  evaluation: Evaluation;
  classNames: readonly string[];
  shown: 'counts' | 'shares';
  selected?: ConfusionCell;
  onSelect: (cell: ConfusionCell) => void;
}

/** Counts of images by true class (row) and predicted class (column). Arrow keys move, Enter selects. */
export function ConfusionMatrix({ evaluation, classNames, shown, selected, onSelect }: ConfusionMatrixProps) {
  const { table, current, pointed, handlers } = useConfusionCursor(classNames.length);
  const longestName = Math.max(...classNames.map((name) => name.length));
  const { cellAt, numbers, wordsFor } = useCells(evaluation, classNames, shown);
  const marked = pointed ?? selected;
  const isLive = useLab(({ status }) => status === 'training');

  return (
    <div className={styles.matrix}>
      {isLive && <CellNumbers {...{ table, numbers }} />}
      <table
        ref={table}
        className={styles.table}
        data-names={longestName > 2 ? 'long' : 'short'}
        data-many={classNames.length > 12}
        {...handlers}
      >
        <caption className="visually-hidden">
          Test images by true class (rows) and predicted class (columns)
        </caption>
        <Heads classNames={classNames} marked={marked?.prediction} />
        <tbody>
          {classNames.map((name, label) => (
            <tr key={name}>
              <th scope="row" data-marked={marked?.label === label} title={name}>
                {name}
              </th>
              {classNames.map((otherName, prediction) => {
                const cell = { label, prediction };
                const { text, look } = cellAt(cell);
                return (
                  <Cell
                    key={otherName}
                    {...{ cell, look, onSelect }}
                    text={isLive ? '' : text}
                    name={wordsFor(cell)}
                    isCurrent={isSame(cell, current)}
                    isSelected={isSame(cell, selected)}
                  />
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

/** The text, the colors and the words of every cell. */
function useCells(evaluation: Evaluation, classNames: readonly string[], shown: 'counts' | 'shares') {
  const colors = useColors();
  const color = useMemo(() => shareColors(colors), [colors]);
  return useMemo(() => {
    const { read, wordsFor } = confusionReading(evaluation.confusion, classNames);
    const cellAt = (cell: ConfusionCell) => {
      const counted = read(cell);
      return { text: cellText(counted, shown), look: color(counted.share, cell.label === cell.prediction) };
    };
    const numbers = classNames.flatMap((_, label) =>
      classNames.map((_, prediction): CellNumber => {
        const { text, look } = cellAt({ label, prediction });
        return { text, color: look.color };
      }),
    );
    return { cellAt, numbers, wordsFor };
  }, [evaluation, classNames, shown, color]);
}

/** The predicted classes. */
function Heads({ classNames, marked }: { classNames: readonly string[]; marked?: number }) {
  return (
    <thead>
      <tr>
        <th scope="col" className={styles.corner}>
          true
        </th>
        {classNames.map((name, prediction) => (
          <th key={name} scope="col" data-marked={marked === prediction} title={name}>
            <span>{name}</span>
          </th>
        ))}
      </tr>
    </thead>
  );
}

interface CellProps {
  cell: ConfusionCell;
  text: string;
  /** For screen readers. */
  name: string;
  look: CSSProperties;
  isCurrent: boolean;
  isSelected: boolean;
  onSelect: (cell: ConfusionCell) => void;
}

function Cell({ cell, text, name, look, isCurrent, isSelected, onSelect }: CellProps) {
  return (
    <td>
      <button
        type="button"
        className={styles.cell}
        style={look}
        data-label={cell.label}
        data-prediction={cell.prediction}
        tabIndex={isCurrent ? 0 : -1}
        aria-label={name}
        aria-pressed={isSelected}
        onClick={() => onSelect(cell)}
      >
        {text}
      </button>
    </td>
  );
}

/** The cell that the keys have reached, and the cell to name because a person points at it or reached it by keys. */
function useConfusionCursor(classes: number) {
  const table = useRef<HTMLTableElement>(null);
  const [chosen, setCurrent] = useState<ConfusionCell>({ label: 0, prediction: 0 });
  const [pointed, setPointed] = useState<ConfusionCell>();
  const last = classes - 1;
  // Other data may have fewer classes, and one cell must stay reachable by Tab.
  const current = { label: Math.min(chosen.label, last), prediction: Math.min(chosen.prediction, last) };
  const steer = (event: KeyboardEvent) => {
    const { label, prediction } = current;
    const next = moveOf<ConfusionCell>(event, {
      ArrowUp: { label: Math.max(0, label - 1), prediction },
      ArrowDown: { label: Math.min(last, label + 1), prediction },
      ArrowLeft: { label, prediction: Math.max(0, prediction - 1) },
      ArrowRight: { label, prediction: Math.min(last, prediction + 1) },
      Home: { label, prediction: 0 },
      End: { label, prediction: last },
    });
    if (!next) return;
    event.preventDefault();
    setCurrent(next);
    table.current
      ?.querySelector<HTMLElement>(`[data-label="${next.label}"][data-prediction="${next.prediction}"]`)
      ?.focus();
  };
  return {
    table,
    current,
    pointed,
    handlers: {
      onKeyDown: steer,
      onPointerOver: (event: PointerEvent) => setPointed(cellUnder(event.target)),
      onPointerLeave: () => setPointed(undefined),
      onFocus: ({ target }: FocusEvent) => {
        const cell = cellUnder(target);
        if (cell) setCurrent(cell);
        if (target.matches(':focus-visible')) setPointed(cell);
      },
      onBlur: () => setPointed(undefined),
    },
  };
}

function cellUnder(target: EventTarget): ConfusionCell | undefined {
  const button = target instanceof Element ? target.closest<HTMLElement>('[data-label]') : null;
  if (!button) return undefined;
  return { label: Number(button.dataset.label), prediction: Number(button.dataset.prediction) };
}

function isSame(a: ConfusionCell, b: ConfusionCell | undefined): boolean {
  return a.label === b?.label && a.prediction === b.prediction;
}

function cellText({ count, share }: { count: number; share: number }, shown: 'counts' | 'shares'): string {
  if (count === 0) return '';
  return shown === 'counts' ? formatCount(count) : shortShare(share);
}

/** A percentage short enough for a cell: 98.2, 0.3 */
function shortShare(share: number): string {
  const percent = 100 * share;
  return percent >= 99.95 ? '100' : percent.toFixed(1);
}
