import { type KeyboardEvent, type PointerEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import { readColors, useColors } from './colors.ts';
import { formatSigned } from './format.ts';
import { symmetricScale } from './mapFrame.ts';
import { niceLimit } from './niceLimit.ts';
import styles from './UnitBars.module.css';

interface UnitBarsProps {
  label: string;
  values: Float32Array;
  /** The scale's limit; by default a round number above the largest magnitude. */
  limit?: number;
  height?: number;
  /** A unit to mark. */
  selected?: number;
  onPoint?: (unit: number | undefined) => void;
}

/** A layer of units as bars around zero. The pointer and the arrow keys read each unit's value. */
export function UnitBars({ label, values, limit, height = 72, selected, onPoint }: UnitBarsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cursor, setCursor] = useState<number>();
  const [width, setWidth] = useState(0);
  const hint = useId();
  const colors = useColors();
  const high = limit ?? niceLimit(symmetricScale(values).high);

  useLayoutEffect(() => {
    if (!canvas.current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(canvas.current);
    return () => observer.disconnect();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme paints anew
  useLayoutEffect(() => {
    if (canvas.current && width > 0) paint(canvas.current, { values, high, width, height, selected, cursor });
  }, [values, high, width, height, selected, cursor, colors]);

  const point = (unit: number | undefined) => {
    setCursor(unit);
    onPoint?.(unit);
  };
  const track = ({ clientX, currentTarget }: PointerEvent) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    const unit = Math.floor(((clientX - left) / width) * values.length);
    const inside = Math.max(0, Math.min(values.length - 1, unit));
    if (inside !== cursor) point(inside);
  };
  const steer = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const here = cursor ?? selected ?? 0;
    const moves: Record<string, number> = {
      ArrowLeft: here - 1,
      ArrowRight: here + 1,
      PageUp: here - 10,
      PageDown: here + 10,
      Home: 0,
      End: values.length - 1,
    };
    if (event.key in moves) {
      event.preventDefault();
      point(Math.max(0, Math.min(values.length - 1, moves[event.key])));
    } else if (event.key === 'Escape') point(undefined);
  };
  const read = cursor ?? selected;
  const isRead = read !== undefined && read < values.length;

  return (
    <div className={styles.bars}>
      <div
        role="application"
        aria-roledescription="bars"
        aria-label={label}
        aria-describedby={hint}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move a cursor over the bars
        tabIndex={0}
        onKeyDown={steer}
        onBlur={() => point(undefined)}
        onPointerMove={track}
        onPointerDown={track}
        onPointerLeave={() => point(undefined)}
      >
        <canvas ref={canvas} className={styles.canvas} style={{ height }} />
      </div>
      <p className={styles.reading}>
        <span role="status">{isRead ? `unit ${read}: ${formatSigned(values[read])}` : '\u00a0'}</span>
        <span>±{high}</span>
      </p>
      <p id={hint} className="visually-hidden">
        Left and right arrows move from unit to unit.
      </p>
    </div>
  );
}

interface Painted {
  values: Float32Array;
  high: number;
  width: number;
  height: number;
  selected?: number;
  cursor?: number;
}

function paint(canvas: HTMLCanvasElement, painted: Painted): void {
  const { values, high, width, height, selected, cursor } = painted;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (!context) return;
  const colors = readColors();
  context.scale(ratio, ratio);
  const step = width / values.length;
  const gap = step > 4 ? 1 : 0;
  const middle = height / 2;
  const marked = cursor ?? selected;
  if (marked !== undefined && marked < values.length) {
    context.fillStyle = colors.line;
    context.fillRect(marked * step, 0, Math.max(1, step), height);
  }
  values.forEach((value, unit) => {
    const length = Math.min(1, Math.abs(value) / high) * (middle - 1);
    context.fillStyle = value < 0 ? colors.negative : colors.positive;
    context.fillRect(
      unit * step,
      value < 0 ? middle : middle - length,
      Math.max(0.75, Math.min(24, step - gap)),
      length,
    );
  });
  context.fillStyle = colors['line-strong'];
  context.fillRect(0, Math.round(middle), width, 1);
}
