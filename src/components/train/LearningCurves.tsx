import { useMemo, useState } from 'react';
import { bestEpoch } from '../../lab/history.ts';
import { useLab, useLabPaced } from '../LabContext.tsx';
import { useColors } from '../shared/colors.ts';
import { formatCount, formatShare, formatValue } from '../shared/format.ts';
import { Plot } from '../shared/Plot.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import styles from './LearningCurves.module.css';
import { type CurveScale, curveLayout, curveTraces } from './learningFigure.ts';

const scales = [
  { value: 'log', label: 'Log' },
  { value: 'linear', label: 'Linear' },
] as const;

/** Loss and accuracy: every training batch, and the test set after every epoch. */
export function LearningCurves() {
  const [scale, setScale] = useState<CurveScale>('log');
  const [zoom, setZoom] = useState<[number, number]>();
  const history = useLabPaced((state) => state.history, 250);
  const stepsPerEpoch = useLab((state) => state.stepsPerEpoch);
  const classes = useLab((state) => state.data?.classNames.length ?? 10);
  const moment = useLab((state) => state.moment);
  const colors = useColors();

  const best = bestEpoch(history);
  const traces = useMemo(() => curveTraces({ history, scale, zoom, colors }), [history, scale, zoom, colors]);
  const layout = useMemo(
    () => curveLayout({ scale, stepsPerEpoch, steps: history.length, classes, moment, colors }),
    [scale, stepsPerEpoch, history.length, classes, moment, colors],
  );
  const last = history.epochs.at(-1);
  const summary =
    history.length === 0
      ? 'Nothing is trained yet.'
      : `${formatCount(history.length)} steps; the last batch's loss was ${formatValue(history.losses[history.length - 1])}.` +
        (last && best
          ? ` Test accuracy ${formatShare(last.testAccuracy)} after epoch ${last.epoch}; best ${formatShare(best.testAccuracy)} after epoch ${best.epoch}.`
          : '');

  return (
    <div className={styles.curves}>
      <div className={styles.heading}>
        <ul className={styles.key}>
          <li>
            <span className={styles.raw} />
            each batch
          </li>
          <li>
            <span className={styles.smooth} />
            smoothed
          </li>
          <li>
            <span className={styles.test} />
            test set, each epoch
          </li>
          {best && (
            <li className={styles.best}>
              best: epoch {best.epoch}, {formatShare(best.testAccuracy)}
            </li>
          )}
        </ul>
        <ToggleGroup label="Scale" hideLabel compact value={scale} options={scales} onChange={setScale} />
      </div>
      <Plot
        label="Loss and accuracy over the run's steps"
        summary={summary}
        traces={traces}
        layout={layout}
        height={360}
        keyboardTrace={1}
        onZoom={setZoom}
      />
    </div>
  );
}
