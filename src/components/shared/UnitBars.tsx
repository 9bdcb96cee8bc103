import { type KeyboardEvent, type PointerEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import { clearedCanvas } from './clearedCanvas.ts';
import { readColors, useColors } from './colors.ts';
import { formatSigned } from './format.ts';
import { LiveText } from './LiveText.tsx';
import { symmetricScale } from './mapFrame.ts';
import { moveOf } from './moveOf.ts';
import { niceLimit } from './niceLimit.ts';
import styles from './UnitBars.module.css';
import { useWidth } from './useWidth.ts';

/** In CSS pixels. */
const HEIGHT = 72;

interface UnitBarsProps {
  label: string;
  values: Float32Array;
  /** The scale's limit; by default a round number above the largest magnitude. */
  limit?: number;
  /** A unit to mark. */
  selected?: number;
  onPoint?: (unit: number | undefined) => void;
}

/** A layer of units as bars around zero. The pointer and the arrow keys read each unit's value. */
export function UnitBars({ label, values, limit, selected, onPoint }: UnitBarsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cursor, setCursor] = useState<number>();
  const width = useWidth(canvas);
  const hint = useId();
  const colors = useColors();
  const high = limit ?? niceLimit(symmetricScale(values).high);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme paints anew
  useLayoutEffect(() => {
    if (canvas.current && width > 0) paint(canvas.current, { values, high, width, selected, cursor });
  }, [values, high, width, selected, cursor, colors]);
  const spoken = useRef<HTMLParagraphElement>(null);
  const read = cursor ?? selected;
  const point = (unit: number | undefined) => {
    setCursor(unit);
    onPoint?.(unit);
  };
  const handlers = pointing({
    count: values.length,
    cursor,
    first: selected ?? 0,
    point,
    speak(unit) {
      point(unit);
      if (spoken.current) spoken.current.textContent = readingOf(values, unit);
    },
  });

  return (
    <div className={styles.bars}>
      <div
        role="application"
        aria-roledescription="bars"
        aria-label={label}
        aria-describedby={hint}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move a cursor over the bars
        tabIndex={0}
        {...handlers}
      >
        <canvas ref={canvas} className={styles.canvas} style={{ height: HEIGHT }} />
      </div>
      <p className={styles.reading}>
        <span>
          <LiveText text={read === undefined ? '\u00a0' : readingOf(values, read)} digits={20} />
        </span>
        <span>
          <LiveText text={`±${high}`} digits={7} />
        </span>
      </p>
      <p id={hint} className="visually-hidden">
        Left and right arrows move from unit to unit.
      </p>
      <p ref={spoken} className="visually-hidden" role="status" />
    </div>
  );
}

/** A unit's value in words; a space for a unit of an earlier, larger layer. */
function readingOf(values: Float32Array, unit: number): string {
  return unit < values.length ? `unit ${unit}: ${formatSigned(values[unit])}` : '\u00a0';
}

interface Pointing {
  count: number;
  cursor: number | undefined;
  /** Where the keys begin. */
  first: number;
  point: (unit: number | undefined) => void;
  /** Points at a unit that the keys reach, and tells its value to screen readers. */
  speak: (unit: number) => void;
}

/** The handlers with which the pointer and the keys move the cursor from unit to unit. */
function pointing({ count, cursor, first, point, speak }: Pointing) {
  const inside = (unit: number) => Math.max(0, Math.min(count - 1, unit));
  const track = ({ clientX, currentTarget }: PointerEvent) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    const unit = inside(Math.floor(((clientX - left) / width) * count));
    if (unit !== cursor) point(unit);
  };
  return {
    onKeyDown(event: KeyboardEvent) {
      const here = cursor ?? first;
      const next = moveOf(event, {
        ArrowLeft: here - 1,
        ArrowRight: here + 1,
        PageUp: here - 10,
        PageDown: here + 10,
        Home: 0,
        End: count - 1,
      });
      if (next !== undefined) {
        event.preventDefault();
        speak(inside(next));
      } else if (moveOf(event, { Escape: true })) point(undefined);
    },
    onBlur: () => point(undefined),
    onPointerMove: track,
    onPointerDown: track,
    onPointerLeave: () => point(undefined),
  };
}

interface Painted {
  values: Float32Array;
  high: number;
  width: number;
  selected?: number;
  cursor?: number;
}

function paint(canvas: HTMLCanvasElement, painted: Painted): void {
  const { values, high, width, selected, cursor } = painted;
  const context = clearedCanvas(canvas, width, HEIGHT);
  if (!context) return;
  const colors = readColors();
  const step = width / values.length;
  const gap = step > 4 ? 1 : 0;
  const middle = HEIGHT / 2;
  const marked = cursor ?? selected;
  if (marked !== undefined && marked < values.length) {
    context.fillStyle = colors.line;
    context.fillRect(marked * step, 0, Math.max(1, step), HEIGHT);
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
