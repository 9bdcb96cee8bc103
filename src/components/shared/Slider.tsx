import { type CSSProperties, type ReactNode, useId } from 'react';
import { describedBy, Field } from './Field.tsx';
import styles from './Slider.module.css';

interface SliderProps {
  label: string;
  value: number;
  onChange: (value: number) => void;
  /** A range, unless `stops` is given. */
  minimum?: number;
  maximum?: number;
  step?: number;
  /** The allowed values, for uneven scales. */
  stops?: readonly number[];
  /** Formats the value with its unit, for display beside the label and for screen readers. */
  format?: (value: number) => string;
  hint?: ReactNode;
  disabled?: boolean;
}

export function Slider(props: SliderProps) {
  const { label, value, onChange, minimum = 0, maximum = 1, step = 0.01, stops, hint, disabled } = props;
  const { format = String } = props;
  const id = useId();
  const position = stops ? nearest(stops, value) : value;
  const [first, last] = stops ? [0, stops.length - 1] : [minimum, maximum];
  const share: CSSProperties & { '--share': number } = { '--share': (position - first) / (last - first) };
  return (
    <Field id={id} label={label} remark={format(value)} hint={hint}>
      <input
        id={id}
        className={styles.slider}
        style={share}
        type="range"
        min={first}
        max={last}
        step={stops ? 1 : step}
        value={position}
        disabled={disabled}
        aria-valuetext={format(value)}
        aria-describedby={describedBy(id, { hint })}
        onChange={(event) => {
          const moved = Number(event.target.value);
          onChange(stops ? stops[moved] : moved);
        }}
      />
    </Field>
  );
}

function nearest(stops: readonly number[], value: number): number {
  return stops.reduce(
    (best, stop, index) => (Math.abs(stop - value) < Math.abs(stops[best] - value) ? index : best),
    0,
  );
}
