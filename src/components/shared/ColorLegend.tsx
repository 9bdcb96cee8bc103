import styles from './ColorLegend.module.css';
import type { ColorMap, Scale } from './colors.ts';
import { LiveText } from './LiveText.tsx';

interface ColorLegendProps {
  colors: ColorMap;
  /** Sign colors with a scale from 0 use the positive half only. */
  scale: Scale;
  /** Name of the quantity: "weight", "activation". */
  unit: string;
  /** A remark about the limits: "fixed over the run". */
  remark?: string;
}

/** The color scale with its numbers. */
export function ColorLegend({ colors, scale, unit, remark }: ColorLegendProps) {
  const { low, high } = scale;
  const isHalf = colors === 'sign' && low === 0;
  const number = (value: number) => String(Number(value.toPrecision(3))).replace('-', '−');
  return (
    <figure
      className={styles.legend}
      aria-label={`Color scale: ${unit} from ${number(low)} to ${number(high)}`}
    >
      <span className={styles.unit}>{unit}</span>
      <span className={styles.low}>
        <LiveText text={number(low)} digits={4} />
      </span>
      <span className={`${styles.ramp} ${isHalf ? styles.half : styles[colors]}`} />
      <LiveText text={colors === 'sign' && !isHalf ? `+${number(high)}` : number(high)} digits={4} />
      {remark && <span className={styles.unit}>{remark}</span>}
    </figure>
  );
}
