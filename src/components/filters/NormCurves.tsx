import { useEffect, useRef } from 'react';
import { useLabCore } from '../context/LabContext.tsx';
import { axisEnd } from '../shared/axisEnd.ts';
import { clearedCanvas } from '../shared/clearedCanvas.ts';
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
        <canvas ref={canvas} className={styles.canvas} style={{ height: rows * (cellHeight + gap) - gap }} />
      </button>
    </figure>
  );
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
        paintCurves(paper, { ...curves, order, across, width, rows, selected, high, moment });
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

function paintCurves(canvas: HTMLCanvasElement, given: Curves): void {
  const { steps, norms, order, across, rows, width, selected, high, moment } = given;
  const height = rows * (cellHeight + gap) - gap;
  const context = clearedCanvas(canvas, width, height);
  if (!context) return;
  const colors = readColors();
  const end = axisEnd(steps.at(-1) ?? 0);
  const cell = (width - gap * (across - 1)) / across;
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'top';
  context.lineJoin = 'round';
  order.forEach((filter, place) => {
    const left = (place % across) * (cell + gap);
    const top = Math.floor(place / across) * (cellHeight + gap);
    context.fillStyle = filter === selected ? colors.ink : colors.line;
    context.fillRect(left, top + cellHeight - 1, cell, 1);
    context.fillStyle = filter === selected ? colors.ink : colors.muted;
    context.fillText(String(filter), left, top);
    context.beginPath();
    steps.forEach((step, i) => {
      context.lineTo(left + (step / end) * cell, top + (1 - norms[filter][i] / high) * (cellHeight - 3) + 1);
    });
    context.strokeStyle = colors.ink;
    context.lineWidth = filter === selected ? 2 : 1.25;
    context.stroke();
    if (moment === 'live') return;
    context.fillStyle = colors.focus;
    context.fillRect(Math.round(left + (moment / end) * cell), top, 1, cellHeight);
  });
}
