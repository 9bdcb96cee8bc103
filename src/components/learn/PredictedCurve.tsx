import { type PointerEvent, useRef } from 'react';
import { rounded } from '../../lessons/answers.ts';
import type { CurveQuestion } from '../../lessons/lesson.ts';
import styles from './QuestionForm.module.css';

interface PredictedCurveProps {
  question: CurveQuestion;
  values: readonly number[];
  /** The run's values, drawn over the reader's. */
  measured?: readonly (number | undefined)[];
  /** Missing once the answer is given. */
  onChange?: (values: readonly number[]) => void;
}

const WIDTH = 320;
const HEIGHT = 150;
const SIDE = 34;
const TOP = 10;

/** A curve that the reader draws: by dragging over the chart, or with one slider for each place. */
export function PredictedCurve({ question, values, measured, onChange }: PredictedCurveProps) {
  const { places, range, resolution, unit } = question;
  const chart = useRef<SVGSVGElement>(null);
  const x = (place: number) => SIDE + (place * (WIDTH - 2 * SIDE)) / Math.max(1, places.length - 1);
  const y = (value: number) => TOP + ((range[1] - value) / (range[1] - range[0])) * (HEIGHT - 2 * TOP);

  const drag = (event: PointerEvent) => {
    const box = chart.current?.getBoundingClientRect();
    if (!onChange || !box || event.buttons === 0) return;
    const across = ((event.clientX - box.left) / box.width) * WIDTH;
    const down = ((event.clientY - box.top) / box.height) * HEIGHT;
    const place = Math.round(((across - SIDE) / (WIDTH - 2 * SIDE)) * (places.length - 1));
    const value = range[1] - ((down - TOP) / (HEIGHT - 2 * TOP)) * (range[1] - range[0]);
    onChange(changed(values, clamp(place, [0, places.length - 1]), rounded(clamp(value, range), resolution)));
  };

  return (
    <div>
      {/* The sliders below do the same for the keyboard and for screen readers. */}
      <svg
        ref={chart}
        className={styles.chart}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        data-still={onChange === undefined}
        aria-hidden="true"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag(event);
        }}
        onPointerMove={drag}
      >
        <line x1={SIDE} x2={WIDTH - SIDE} y1={y(range[0])} y2={y(range[0])} className={styles.axis} />
        {range.map((end) => (
          <text key={end} x={2} y={y(end)} className={styles.end} dominantBaseline="middle">
            {end}
            {unit}
          </text>
        ))}
        <polyline
          className={styles.guess}
          points={values.map((value, i) => `${x(i)},${y(value)}`).join(' ')}
        />
        {values.map((value, i) => (
          <circle key={places[i]} className={styles.guessed} cx={x(i)} cy={y(value)} r={5} />
        ))}
        {measured?.map(
          (value, i) =>
            value !== undefined && (
              <circle
                key={places[i]}
                className={styles.measured}
                cx={x(i)}
                cy={y(clamp(value, range))}
                r={5}
              />
            ),
        )}
      </svg>
      <div className={styles.places} style={{ gridTemplateColumns: `repeat(${places.length}, 1fr)` }}>
        {places.map((place, i) => (
          <label key={place}>
            <span>{place}</span>
            <input
              type="range"
              min={range[0]}
              max={range[1]}
              step={resolution}
              value={values[i]}
              disabled={onChange === undefined}
              aria-valuetext={`${values[i]}${unit}`}
              onChange={({ target }) => onChange?.(changed(values, i, Number(target.value)))}
            />
            <output>
              {values[i]}
              {unit}
            </output>
          </label>
        ))}
      </div>
      {measured && (
        <p className={styles.outcome}>
          <span className={styles.guessKey}>your guess</span>{' '}
          <span className={styles.measuredKey}>your run:</span>{' '}
          {places
            .map(
              (place, i) => `${place} ${measured[i] === undefined ? '–' : rounded(measured[i], resolution)}`,
            )
            .join(', ')}
        </p>
      )}
    </div>
  );
}

function changed(values: readonly number[], place: number, value: number): number[] {
  return values.map((old, i) => (i === place ? value : old));
}

function clamp(value: number, [least, most]: readonly [number, number]): number {
  return Math.min(most, Math.max(least, value));
}
