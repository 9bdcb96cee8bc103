import { useEffect, useRef } from 'react';
import { useLabCore } from '../context/LabContext.tsx';
import { paint } from '../painter/paint.ts';
import type { Field, Mark, Picture } from '../painter/picture.ts';
import { axisEnd } from '../shared/axisEnd.ts';
import { readColors } from '../shared/colors.ts';
import { keepDrawn } from '../shared/keepDrawn.ts';
import { niceLimit } from '../shared/niceLimit.ts';
import type { FilterHistory } from './filterHistory.ts';
import styles from './NormCurves.module.css';

interface NormCurvesProps {
  history: FilterHistory;
  order: readonly number[];
  across: number;
  selected?: number;
  onSelect: (filter: number) => void;
}

const cellHeight = 40;
const gap = 6;
/** Points per curve; the small charts can show no more. */
const mostPoints = 60;
/** Milliseconds between redraws of the curves, which grow slowly. The cursor follows a person's hand. */
const pace = 250;

/** Each filter's norm over the run, on shared axes, in the order of the maps above. */
export function NormCurves({ history, order, across, selected, onSelect }: NormCurvesProps) {
  const rows = Math.ceil(order.length / across);
  const { frame, canvas, limit } = useNormDrawing({ history, order, across, rows, selected });
  return (
    <figure className={styles.curves}>
      <figcaption className={styles.caption}>
        Norm of each filter over the run, <span ref={limit} />
      </figcaption>
      <button
        ref={frame}
        type="button"
        className={styles.frame}
        aria-label={`Norm of each of ${order.length} filters over the run; choose a filter in the grid to enlarge it`}
        tabIndex={-1}
        onClick={({ nativeEvent: { offsetX, offsetY }, currentTarget }) => {
          const column = Math.floor((offsetX / currentTarget.clientWidth) * across);
          const filter = order[Math.floor(offsetY / (cellHeight + gap)) * across + column];
          if (filter !== undefined) onSelect(filter);
        }}
      >
        <canvas ref={canvas} className={styles.canvas} style={{ height: heightOf(rows) }} />
      </button>
    </figure>
  );
}

function heightOf(rows: number): number {
  return rows * (cellHeight + gap) - gap;
}

interface NormDrawing extends Omit<NormCurvesProps, 'onSelect'> {
  rows: number;
}

/** Draws the curves as the run grows, and names their limit. Returns the elements to place. */
function useNormDrawing({ history, order, across, rows, selected }: NormDrawing) {
  const { store } = useLabCore();
  const frame = useRef<HTMLButtonElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const limit = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const paper = canvas.current;
    if (!paper || !frame.current) return;
    const { fontFamily } = getComputedStyle(paper);
    let newest = '';
    let curves: ReturnType<FilterHistory['norms']> = { steps: [], norms: [] };
    const drawer = keepDrawn(frame.current, {
      draw({ width }) {
        // While a person moves the timeline, only the cursor changes.
        const { run, moment, liveFilters } = store.getState();
        const now = `${run}, ${liveFilters?.step ?? 0}`;
        if (now !== newest) curves = history.norms(mostPoints);
        newest = now;
        if (width === 0 || curves.norms.length !== order.length) return;
        const high = niceLimit(Math.max(1, ...curves.norms.map((values) => Math.max(...values))));
        const range = `0 to ${high}`;
        if (limit.current && limit.current.textContent !== range) limit.current.textContent = range;
        const given = { ...curves, order, across, width, rows, selected, high, moment };
        paint(paper, curvesPicture(given, fontFamily));
      },
      subscribe: (redraw) => history.subscribe(redraw),
      pace,
    });
    drawer.request();
    return drawer.stop;
  }, [store, history, order, across, rows, selected]);
  return { frame, canvas, limit };
}

interface Curves {
  steps: number[];
  norms: Float32Array[];
  order: readonly number[];
  across: number;
  rows: number;
  width: number;
  selected?: number;
  high: number;
  moment: number | 'live';
}

/** A small chart for each filter, in rows. */
function curvesPicture(given: Curves, family: string): Picture {
  const { steps, order, across, rows, width } = given;
  const end = axisEnd(steps.at(-1) ?? 0);
  const cell = (width - gap * (across - 1)) / across;
  const fields = order.map((filter, place): Field => {
    const left = (place % across) * (cell + gap);
    const top = Math.floor(place / across) * (cellHeight + gap);
    return {
      across: { spread: 'linear', low: 0, high: end, start: left, end: left + cell },
      down: { spread: 'linear', low: 0, high: given.high, start: top + cellHeight - 2, end: top + 1 },
      marks: cellMarks(given, { filter, left, right: left + cell, top }),
    };
  });
  return { width, height: heightOf(rows), family, fields };
}

function cellMarks(
  { steps, norms, selected, moment }: Curves,
  { filter, left, right, top }: { filter: number; left: number; right: number; top: number },
): Mark[] {
  const colors = readColors();
  const isSelected = filter === selected;
  const floor = top + cellHeight - 0.5;
  const marks: Mark[] = [
    {
      kind: 'rule',
      from: [left, floor],
      to: [right, floor],
      color: isSelected ? colors.ink : colors.line,
    },
    {
      kind: 'label',
      text: String(filter),
      x: left,
      y: top,
      size: 11,
      color: isSelected ? colors.ink : colors.muted,
    },
    { kind: 'curve', x: steps, y: norms[filter], color: colors.ink, width: isSelected ? 2 : 1.25 },
  ];
  if (moment !== 'live') {
    marks.push({ kind: 'moment', at: moment, color: colors.focus, width: 1, top, bottom: top + cellHeight });
  }
  return marks;
}
