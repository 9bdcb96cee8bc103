import { useEffect, useMemo, useState } from 'react';
import { bestEpoch, type History } from '../../lab/state/history.ts';
import { MNIST } from '../../ml/data/shipped.ts';
import { presetOf } from '../../ml/model/presets.ts';
import { useLab, useLabCore } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { axisEnd } from '../shared/axisEnd.ts';
import { Button } from '../shared/Button.tsx';
import { useColors } from '../shared/colors.ts';
import { formatCount, formatShare, formatValue } from '../shared/format.ts';
import { Icon } from '../shared/Icon.tsx';
import { LiveText } from '../shared/LiveText.tsx';
import { Plot } from '../shared/Plot.tsx';
import type { OverlaySource } from '../shared/plotOverlay.ts';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { usePointed } from '../shared/usePointed.ts';
import styles from './LearningCurves.module.css';
import {
  type CurveScale,
  curveLayout,
  curveTraces,
  growingHeights,
  type Measure,
  newestLines,
} from './learningFigure.ts';

const scales = [
  { value: 'log', label: 'Log' },
  { value: 'linear', label: 'Linear' },
] as const;

/** Loss and accuracy of every training batch, and of the test set after every epoch. */
export function LearningCurves() {
  const [scale, setScale] = useState<CurveScale>('log');
  const [zoom, setZoom] = useState<[number, number]>();
  const [watched, setWatched] = useState(false);
  const [pointed, setPointed] = useState<{ measure: Measure; step: number }>();
  const history = useSettledHistory(watched);
  const compared = useStore(useLabCore().comparison.store, (state) => state.compared);
  const tests = useLab((state) => state.data?.test.count ?? 10_000);
  const isNotebook = useLab(
    ({ data, network }) => (data?.id ?? MNIST.id) === MNIST.id && presetOf(network)?.id === 'notebook',
  );
  return (
    <div {...usePointed(setWatched)}>
      <div className={styles.heading}>
        <CurveKey best={bestEpoch(history)} />
        <ToggleGroup label="Scale" hideLabel compact value={scale} options={scales} onChange={setScale} />
      </div>
      {(['loss', 'accuracy'] as const).map((measure) => (
        <LearningChart
          key={measure}
          {...{ measure, history, scale, zoom }}
          compared={compared?.history}
          summary={summaryOf(history)}
          onZoom={setZoom}
          hoverAt={pointed && pointed.measure !== measure ? pointed.step : undefined}
          onPoint={(step) => setPointed(step === undefined ? undefined : { measure, step })}
        />
      ))}
      <p className={styles.note}>
        Test accuracy counts all {formatCount(tests)} images.
        {isNotebook &&
          ' The notebook leaves out the last 16, an incomplete batch, but divides by 10,000: .9729 here is .9712 there.'}
      </p>
    </div>
  );
}

/** The curves in one sentence. */
function summaryOf(history: History): string {
  const { length, losses, epochs } = history;
  if (length === 0) return 'No training yet.';
  const steps = `${formatCount(length)} steps; the last batch's loss was ${formatValue(losses[length - 1])}.`;
  const last = epochs.at(-1);
  const best = bestEpoch(history);
  if (!last || !best) return steps;
  return `${steps} Test accuracy ${formatShare(last.testAccuracy)} after epoch ${last.epoch}; best ${formatShare(best.testAccuracy)} after epoch ${best.epoch}.`;
}

/** The lines of the charts, the compared run, and the best epoch. */
function CurveKey({ best }: { best: ReturnType<typeof bestEpoch> }) {
  const { comparison } = useLabCore();
  const compared = useStore(comparison.store, (state) => state.compared);
  return (
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
      {compared && (
        <li>
          <span className={styles.compared} />
          {compared.name}
          <Button
            variant="quiet"
            icon
            aria-label={`Stop comparing with ${compared.name}`}
            onClick={() => void comparison.choose(undefined)}
          >
            <Icon name="close" size={12} />
          </Button>
        </li>
      )}
      {/* The space is reserved, so that nothing moves when the text appears. */}
      <li className={best ? styles.best : styles.noBest} aria-hidden={!best}>
        <LiveText
          text={`best: epoch ${best?.epoch ?? 1}, ${formatShare(best?.testAccuracy ?? 0.9999)}`}
          digits={22}
        />
      </li>
    </ul>
  );
}

interface LearningChartProps {
  measure: Measure;
  history: History;
  compared?: History;
  scale: CurveScale;
  summary: string;
  zoom?: [number, number];
  onZoom(zoom: [number, number] | undefined): void;
  hoverAt?: number;
  onPoint(step: number | undefined): void;
}

function LearningChart(props: LearningChartProps) {
  const { measure, history, compared, scale, summary, zoom, onZoom, hoverAt, onPoint } = props;
  const { store } = useLabCore();
  const stepsPerEpoch = useLab((state) => state.stepsPerEpoch);
  const training = useLab((state) => state.status === 'training');
  const plannedEpochs = useLab((state) => state.settings.epochs);
  const classes = useLab((state) => state.data?.classNames.length ?? 10);
  const colors = useColors();
  const traces = useMemo(
    () => curveTraces({ measure, history, scale, zoom, compared, colors }),
    [measure, history, scale, zoom, compared, colors],
  );
  const layout = useMemo(
    () => curveLayout({ measure, scale, history, zoom, stepsPerEpoch, plannedEpochs, classes, colors }),
    [measure, scale, history, zoom, stepsPerEpoch, plannedEpochs, classes, colors],
  );
  const heights = useMemo(() => growingHeights(measure, scale), [measure, scale]);
  const overlay = useMemo(
    (): OverlaySource => ({
      subscribe: store.subscribe,
      read: () => {
        const { history: newest, moment } = store.getState();
        // After a reset the chart shows the old run until the next layout.
        const from = newest.length >= history.length ? history.length : 0;
        return {
          lines: newestLines(newest, { measure, from, heights, colors }),
          cursor: moment === 'live' ? undefined : { x: moment, color: colors.focus },
        };
      },
    }),
    [store, measure, history, heights, colors],
  );
  return (
    <Plot
      label={measure === 'loss' ? "Loss over the run's steps" : "Accuracy over the run's steps"}
      summary={summary}
      traces={traces}
      layout={layout}
      height={measure === 'loss' ? 174 : 198}
      overlay={overlay}
      atRest={!training}
      keyboardTrace={1}
      hoverAt={hoverAt}
      onHover={(points) => {
        const step = points?.[0]?.x;
        onPoint(typeof step === 'number' ? step : undefined);
      }}
      onZoom={onZoom}
    />
  );
}

/**
 * The history that the chart shows. A layout takes tens of milliseconds, so the chart is updated only when its axis grows,
 * an epoch ends or training stops, and once a second while a person points at it. The overlay draws newer steps.
 */
function useSettledHistory(watched: boolean): History {
  const { store } = useLabCore();
  // Another run can have as many steps and epochs.
  const occasion = useLab(
    ({ run, status, history: { length, epochs } }) =>
      `${run}, ${status === 'training' ? axisEnd(length) : `${status}, ${length}`}, ${epochs.length}`,
  );
  const [beat, setBeat] = useState(0);
  useEffect(() => {
    if (!watched) return;
    setBeat((count) => count + 1);
    const timer = setInterval(() => setBeat((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, [watched]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the occasion and the beat trigger a new reading
  return useMemo(() => store.getState().history, [store, occasion, beat]);
}
