import type { PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { useMemo } from 'react';
import { attackText } from '../../lab/adversarial/attackText.ts';
import type { OverTrainingState } from '../../lab/adversarial/robustnessOverTraining.ts';
import { useClassNames, useLabHandle, useLabPaced } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { useColors } from '../shared/colors.ts';
import { formatCount, formatQuantity, formatShare } from '../shared/format.ts';
import { EmptyState, ErrorNotice } from '../shared/Notice.tsx';
import { Plot } from '../shared/Plot.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import styles from './AdversarialPanel.module.css';

const HEIGHT = 280;
const layout = {
  margin: { l: 56, r: 12, t: 8, b: 40 },
  xaxis: { title: { text: 'step' }, rangemode: 'tozero' },
  yaxis: { title: { text: 'accuracy' }, range: [0, 1.02], tickformat: '.0%' },
};
const lines = [
  { name: 'clean', key: 'correctBefore', color: 'class-0', dash: 'dot' },
  { name: 'attacked', key: 'correct', color: 'class-3', dash: 'solid' },
] as const;

/** Accuracy under the attack above at every snapshot of the run. */
export function RobustnessOverTraining() {
  const { overTraining } = useLabHandle();
  const { asked, points, progress, problem } = useStore(overTraining.store);
  const snapshots = useLabPaced((state) => state.snapshots.length);
  return (
    <section aria-label="Robustness over training">
      <h3>Accuracy over training</h3>
      <div className={styles.tools}>
        <Button
          disabled={progress !== undefined || snapshots === 0}
          onClick={() => void overTraining.start()}
        >
          Attack every snapshot
        </Button>
        {progress && <Button onClick={overTraining.cancel}>Cancel</Button>}
      </div>
      {progress && (
        <ProgressBar
          label="Attacking snapshots"
          value={progress.done}
          total={progress.count}
          text={`${formatCount(progress.done)} of ${formatQuantity(progress.count, 'snapshot')}`}
        />
      )}
      {problem && <ErrorNotice message={problem} />}
      {asked && points.length > 0 ? (
        <AccuracyChart asked={asked} points={points} />
      ) : (
        <EmptyState height={HEIGHT}>
          The curve shows the attack above, at its epsilon, on the same test images at every snapshot of the
          run. Train first. Results stay, and new snapshots are added.
        </EmptyState>
      )}
    </section>
  );
}

type Shown = Required<Pick<OverTrainingState, 'asked' | 'points'>>;

function AccuracyChart({ asked, points }: Shown) {
  const classNames = useClassNames();
  const colors = useColors();
  const traces = useMemo<PlotlyTrace[]>(
    () =>
      lines.map(({ name, key, color, dash }) => ({
        type: 'scatter',
        mode: 'lines+markers',
        name,
        x: points.map(({ step }) => step),
        y: points.map((point) => point[key] / point.count),
        line: { color: colors[color], width: 2, dash },
        hovertemplate: '%{y:.1%}',
      })),
    [points, colors],
  );
  return (
    <>
      <Plot
        label="Accuracy under attack against training step"
        summary={points.slice(-1).map(summaryOf).join('')}
        traces={traces}
        layout={layout}
        height={HEIGHT}
        keyboardTrace={1}
      />
      <p className={styles.muted} data-testid="over-training">
        {attackText(asked, classNames)}; ε = {asked.epsilon}, {formatQuantity(asked.count, 'test image')},{' '}
        {formatQuantity(points.length, 'snapshot')}.{' '}
        {lines.map(({ name, color }) => (
          <span key={name} className={styles.line}>
            <span className="data-color" style={{ color: colors[color] }} aria-hidden="true">
              ●
            </span>{' '}
            {name}{' '}
          </span>
        ))}
      </p>
    </>
  );
}

function summaryOf({ step, correct, correctBefore, count }: Shown['points'][number]): string {
  return `At step ${step}: ${formatShare(correct / count, 1)} attacked, ${formatShare(correctBefore / count, 1)} clean.`;
}
