import type { PointerEvent } from 'react';
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
export function PredictedCurve(props: PredictedCurveProps) {
  const { question, measured } = props;
  return (
    <div>
      {/* The sliders below do the same for the keyboard and for screen readers. */}
      <CurveChart {...props} />
      <CurveSliders {...props} />
      {measured && <Outcome question={question} measured={measured} />}
    </div>
  );
}

function CurveChart({ question, values, measured, onChange }: PredictedCurveProps) {
  const { places, range, resolution, unit } = question;
  const { x, y, placeAt, valueAt } = axesOf(question);
  const drag = ({ clientX, clientY, buttons, currentTarget }: PointerEvent) => {
    if (!onChange || buttons === 0) return;
    const box = currentTarget.getBoundingClientRect();
    const place = placeAt(((clientX - box.left) / box.width) * WIDTH);
    const value = valueAt(((clientY - box.top) / box.height) * HEIGHT);
    onChange(changed(values, clamp(place, [0, places.length - 1]), rounded(clamp(value, range), resolution)));
  };
  return (
    <svg
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
      <polyline className={styles.guess} points={values.map((value, i) => `${x(i)},${y(value)}`).join(' ')} />
      {values.map((value, i) => (
        <circle key={places[i]} className={styles.guessed} cx={x(i)} cy={y(value)} r={5} />
      ))}
      {measured?.map(
        (value, i) =>
          value !== undefined && (
            <circle key={places[i]} className={styles.measured} cx={x(i)} cy={y(clamp(value, range))} r={5} />
          ),
      )}
    </svg>
  );
}

/** Where the places and the values lie in the chart, and the reverse. */
function axesOf({ places, range }: CurveQuestion) {
  const [width, height] = [WIDTH - 2 * SIDE, HEIGHT - 2 * TOP];
  return {
    x: (place: number) => SIDE + (place * width) / Math.max(1, places.length - 1),
    y: (value: number) => TOP + ((range[1] - value) / (range[1] - range[0])) * height,
    placeAt: (x: number) => Math.round(((x - SIDE) / width) * (places.length - 1)),
    valueAt: (y: number) => range[1] - ((y - TOP) / height) * (range[1] - range[0]),
  };
}

function CurveSliders({ question, values, onChange }: PredictedCurveProps) {
  const { places, range, resolution, unit } = question;
  return (
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
  );
}

/** The key of the curves, and the run's values. */
function Outcome({ question, measured }: Required<Pick<PredictedCurveProps, 'question' | 'measured'>>) {
  const { places, resolution } = question;
  const values = places.map((place, i) => {
    const value = measured[i];
    return `${place} ${value === undefined ? '–' : rounded(value, resolution)}`;
  });
  return (
    <p className={styles.outcome}>
      <span className={styles.guessKey}>your guess</span>{' '}
      <span className={styles.measuredKey}>your run:</span> {values.join(', ')}
    </p>
  );
}

function changed(values: readonly number[], place: number, value: number): number[] {
  return values.map((old, i) => (i === place ? value : old));
}

function clamp(value: number, [least, most]: readonly [number, number]): number {
  return Math.min(most, Math.max(least, value));
}
