import type { CSSProperties } from 'react';
import { formatCount } from '../shared/format.ts';
import styles from './RunRuler.module.css';
import type { Readings } from './readings.ts';

/** A progress scale of the run: a long tick per epoch, a short tick per tenth, filled up to the current step. */
export function RunRuler({ readings }: { readings: Readings }) {
  const { step, steps, epochs } = readings;
  const share = steps > 0 ? step / steps : 0;
  const scale: CSSProperties & Record<`--${string}`, string> = {
    '--epoch-width': `${100 / Math.max(1, epochs)}%`,
    '--tick-width': `${10 / Math.max(1, epochs)}%`,
    '--done': String(share),
  };
  return (
    <div
      className={`${styles.ruler} ${epochs > 40 ? styles.coarse : ''}`}
      style={scale}
      role="progressbar"
      aria-label="Run"
      aria-valuemin={0}
      aria-valuemax={steps}
      aria-valuenow={step}
      aria-valuetext={`Step ${formatCount(step)} of ${formatCount(steps)}`}
    >
      <div className={styles.done} />
    </div>
  );
}
