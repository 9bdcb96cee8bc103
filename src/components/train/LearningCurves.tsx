import { useEffect, useMemo, useState } from 'react';
import { bestEpoch, type History } from '../../lab/history.ts';
import { useLab, useLabHandle } from '../LabContext.tsx';
import { axisEnd } from '../shared/axisEnd.ts';
import { useColors } from '../shared/colors.ts';
import { formatCount, formatShare, formatValue } from '../shared/format.ts';
import { Plot } from '../shared/Plot.tsx';
import type { OverlaySource } from '../shared/plotOverlay.ts';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import styles from './LearningCurves.module.css';
import { type CurveScale, curveLayout, curveTraces, newestLines } from './learningFigure.ts';

const scales = [
  { value: 'log', label: 'Log' },
  { value: 'linear', label: 'Linear' },
] as const;

/** Loss and accuracy: every training batch, and the test set after every epoch. */
export function LearningCurves() {
  const { store } = useLabHandle();
  const [scale, setScale] = useState<CurveScale>('log');
  const [zoom, setZoom] = useState<[number, number]>();
  const [watched, setWatched] = useState(false);
  const history = useSettledHistory(watched);
  const stepsPerEpoch = useLab((state) => state.stepsPerEpoch);
  const plannedEpochs = useLab((state) => state.settings.epochs);
  const classes = useLab((state) => state.data?.classNames.length ?? 10);
  const colors = useColors();

  const best = bestEpoch(history);
  const traces = useMemo(() => curveTraces({ history, scale, zoom, colors }), [history, scale, zoom, colors]);
  const layout = useMemo(
    () => curveLayout({ scale, history, stepsPerEpoch, plannedEpochs, classes, colors }),
    [scale, history, stepsPerEpoch, plannedEpochs, classes, colors],
  );
  const overlay = useMemo(
    (): OverlaySource => ({
      subscribe: store.subscribe,
      read: () => {
        const { history: newest, moment } = store.getState();
        // After a reset the chart still shows the old run until it is laid out anew.
        const from = newest.length >= history.length ? history.length : 0;
        return {
          lines: newestLines(newest, from, scale, colors),
          cursor: moment === 'live' ? undefined : { x: moment, color: colors.focus },
        };
      },
    }),
    [store, history, scale, colors],
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
    <div
      className={styles.curves}
      onPointerEnter={() => setWatched(true)}
      onPointerLeave={() => setWatched(false)}
    >
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
        overlay={overlay}
        keyboardTrace={1}
        onZoom={setZoom}
      />
    </div>
  );
}

/**
 * The history as the chart has it. Laying a chart out costs tens of milliseconds, so it follows a run only where its
 * axis grows, an epoch ends or training stops, and once a second while someone points at it to read values; the
 * overlay draws what came since.
 */
function useSettledHistory(watched: boolean): History {
  const { store } = useLabHandle();
  const occasion = useLab(({ status, history: { length, epochs } }) =>
    status === 'training' ? `${axisEnd(length)}, ${epochs.length}` : `${status}, ${length}, ${epochs.length}`,
  );
  const [beat, setBeat] = useState(0);
  useEffect(() => {
    if (!watched) return;
    setBeat((count) => count + 1);
    const timer = setInterval(() => setBeat((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, [watched]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the occasion and the beat say when to read
  return useMemo(() => store.getState().history, [store, occasion, beat]);
}
