import type { PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { useMemo } from 'react';
import type { RobustnessRun } from '../../lab/adversarial/attackState.ts';
import { attackText } from '../../lab/adversarial/attackText.ts';
import { CURVE_EPSILONS } from '../../lab/adversarial/robustnessCurve.ts';
import { useClassNames, useLab, useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { type Colors, useColors } from '../shared/colors.ts';
import { formatCount, formatShare } from '../shared/format.ts';
import { EmptyState, ErrorNotice } from '../shared/Notice.tsx';
import { Plot } from '../shared/Plot.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import { ReachNotice } from '../shared/ReachNotice.tsx';
import { NumberField } from '../shared/TextField.tsx';
import styles from './AdversarialPanel.module.css';

const HEIGHT = 280;
const curveColors = ['class-0', 'class-1', 'class-2', 'class-3', 'class-4', 'class-6'] as const;
const layout = {
  margin: { l: 56, r: 12, t: 8, b: 40 },
  xaxis: { title: { text: 'epsilon' }, rangemode: 'tozero' },
  yaxis: { range: [0, 1.02], tickformat: '.0%' },
};

const largestEpsilon = Math.max(...CURVE_EPSILONS.linf);

const colorOfCurve = (id: number) => curveColors[id % curveColors.length];

function nameOf(curve: RobustnessRun, classNames: readonly string[]): string {
  const { step, count } = curve;
  const measure = showsSuccess(curve) ? 'Success: ' : '';
  return `${measure}${attackText(curve, classNames)}; step ${formatCount(step)}, ${formatCount(count)} images`;
}

/**
 * A targeted attack succeeds if the network predicts the target. Older saved curves did not count this and show
 * accuracy.
 */
function showsSuccess({ points }: RobustnessRun): boolean {
  return points.some(({ reachedTarget }) => reachedTarget !== undefined);
}

/**
 * Accuracy, or a targeted attack's success rate, against epsilon over many test images. Earlier curves stay for
 * comparison.
 */
export function RobustnessCurve() {
  const { attacks } = useLabHandle();
  const { curves, curveProgress, curveProblem, controls } = useStore(attacks.store);
  const { method, norm, steps, stepSize } = controls;
  const title = curves.some(showsSuccess)
    ? 'Accuracy and success against epsilon'
    : 'Accuracy against epsilon';
  return (
    <section aria-label="Robustness">
      <h3>{title}</h3>
      <CurveTools />
      {method === 'pgd' && norm === 'linf' && (
        <ReachNotice
          {...{ steps, stepSize, epsilon: largestEpsilon }}
          name="the curve’s largest epsilon"
          onTake={(stepSize) => attacks.change({ stepSize })}
        />
      )}
      {curveProgress && (
        <ProgressBar
          label="Attacking"
          value={curveProgress.done}
          total={curveProgress.count}
          text={`${formatCount(curveProgress.done)} of ${formatCount(curveProgress.count)} images`}
        />
      )}
      {curveProblem && <ErrorNotice message={curveProblem} />}
      {curves.length > 0 ? (
        <CurveChart title={title} curves={curves} />
      ) : (
        <EmptyState height={HEIGHT}>
          The curve shows the attack above at increasing epsilon, on the first test images. Draw more curves
          at other moments or with other methods to compare them.
        </EmptyState>
      )}
    </section>
  );
}

function CurveTools() {
  const { attacks } = useLabHandle();
  const most = useLab((state) => state.data?.test.count ?? 10_000);
  const count = useStore(attacks.store, ({ controls }) => Math.min(controls.count, most));
  const drawing = useStore(attacks.store, ({ curveProgress }) => curveProgress !== undefined);
  const hasCurves = useStore(attacks.store, ({ curves }) => curves.length > 0);
  return (
    <div className={styles.tools}>
      <div className={styles.count}>
        <NumberField
          label="Test images"
          value={count}
          minimum={1}
          maximum={most}
          integer
          onCommit={(count) => attacks.change({ count })}
        />
      </div>
      <Button disabled={drawing} onClick={() => void attacks.curve.start()}>
        Draw the curve
      </Button>
      {drawing && <Button onClick={attacks.curve.cancel}>Cancel</Button>}
      {hasCurves && (
        <Button variant="quiet" onClick={attacks.curve.clear}>
          Clear
        </Button>
      )}
    </div>
  );
}

/** The curves, newest last, with a legend. */
function CurveChart({ title, curves }: { title: string; curves: readonly RobustnessRun[] }) {
  const classNames = useClassNames();
  const colors = useColors();
  const traces = useMemo(
    () => curves.map((curve) => traceOf(curve, { classNames, colors })),
    [curves, colors, classNames],
  );
  return (
    <>
      <Plot
        label={title}
        summary={`${curves.at(-1)?.points.map(summaryOf).join(', ') ?? ''}.`}
        traces={traces}
        layout={{ ...layout, yaxis: { ...layout.yaxis, title: { text: measureOf(curves) } } }}
        height={HEIGHT}
        keyboardTrace={curves.length - 1}
      />
      <ul className={styles.key} data-testid="curves">
        {curves.map((curve) => (
          <li key={curve.id}>
            <span className="data-color" style={{ color: colors[colorOfCurve(curve.id)] }} aria-hidden="true">
              ●
            </span>{' '}
            {nameOf(curve, classNames)}
          </li>
        ))}
      </ul>
    </>
  );
}

function traceOf(
  curve: RobustnessRun,
  { classNames, colors }: { classNames: readonly string[]; colors: Colors },
): PlotlyTrace {
  return {
    type: 'scatter',
    mode: 'lines+markers',
    name: nameOf(curve, classNames),
    x: curve.points.map(({ epsilon }) => epsilon),
    y: curve.points.map(({ correct, reachedTarget = correct, count }) => reachedTarget / count),
    line: {
      color: colors[colorOfCurve(curve.id)],
      width: 2,
      dash: showsSuccess(curve) ? 'dash' : 'solid',
    },
    hovertemplate: '%{y:.1%}',
  };
}

function summaryOf({ epsilon, correct, reachedTarget = correct, count }: RobustnessRun['points'][number]) {
  return `${formatShare(reachedTarget / count, 1)} at ${epsilon}`;
}

/** The title of the vertical axis. */
function measureOf(curves: readonly RobustnessRun[]): string {
  const targeted = curves.filter(showsSuccess).length;
  if (targeted === 0) return 'accuracy';
  return targeted === curves.length ? 'read as the target' : 'accuracy; dashed: read as the target';
}
