import { type KeyboardEvent, type PointerEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import { paint } from '../painter/paint.ts';
import type { Mark, Picture } from '../painter/picture.ts';
import type { Scale } from '../painter/scale.ts';
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
    if (canvas.current && width > 0) {
      paint(canvas.current, barsPicture({ values, high, width, selected, cursor }));
    }
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

interface Shown {
  values: Float32Array;
  high: number;
  width: number;
  selected?: number;
  cursor?: number;
}

/** Bars around a line in the middle, and a band behind the marked unit. */
function barsPicture({ values, high, width, selected, cursor }: Shown): Picture {
  const colors = readColors();
  const step = width / values.length;
  const gap = step > 4 ? 1 : 0;
  const middle = HEIGHT / 2;
  const across: Scale = { spread: 'linear', low: 0, high: values.length, start: 0, end: width };
  const whole: Scale = { spread: 'linear', low: -high, high, start: HEIGHT, end: 0 };
  const marked = cursor ?? selected;
  const isMarked = marked !== undefined && marked < values.length;
  const band: Mark[] = isMarked ? [{ kind: 'band', from: marked, to: marked + 1, color: colors.line }] : [];
  const bars: Mark = {
    kind: 'bars',
    values,
    width: Math.max(0.75, Math.min(24, step - gap)),
    color: colors.positive,
    below: colors.negative,
  };
  const floor: Mark = {
    kind: 'rule',
    from: [0, middle + 0.5],
    to: [width, middle + 0.5],
    color: colors['line-strong'],
  };
  return {
    width,
    height: HEIGHT,
    fields: [
      { across, down: whole, marks: band },
      { across, down: { ...whole, start: HEIGHT - 1, end: 1 }, marks: [bars, floor] },
    ],
  };
}
