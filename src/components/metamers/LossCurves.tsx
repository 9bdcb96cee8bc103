import type { PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { useMemo } from 'react';
import type { MetamersState } from '../../lab/metamers/metamerRows.ts';
import { useLabHandle, usePaced } from '../context/LabContext.tsx';
import { useColors } from '../shared/colors.ts';
import { formatValue } from '../shared/format.ts';
import { logTicks } from '../shared/logTicks.ts';
import { Plot } from '../shared/Plot.tsx';
import styles from './MetamersPanel.module.css';

/** Milliseconds between layouts of the chart while metamers are made. */
const PACE = 400;
const MOST_POINTS = 1000;
const lineColors = ['class-0', 'class-1', 'class-2', 'class-3', 'class-4'] as const;
const layout = {
  margin: { l: 60, r: 24, t: 8, b: 40 },
  xaxis: { title: { text: 'iteration' }, rangemode: 'tozero' },
  yaxis: { title: { text: 'loss' }, type: 'log' },
};

const rowsOf = ({ rows }: MetamersState) => rows;

/** Loss against iteration, one curve per layer. */
export function LossCurves() {
  const rows = usePaced(useLabHandle().metamers.store, rowsOf, PACE, PACE);
  const colors = useColors();
  const curves = useMemo(() => rows.map(({ layer, losses }) => ({ layer, ...thinned(losses) })), [rows]);
  const traces = useMemo<PlotlyTrace[]>(
    () =>
      curves.map(({ layer, x, y }, i) => ({
        type: 'scatter',
        mode: 'lines',
        name: layer,
        x,
        y,
        line: { color: colors[lineColors[i % lineColors.length]], width: 2 },
        hovertemplate: '%{y:.4~g}',
      })),
    [curves, colors],
  );
  const withTicks = useMemo(
    () => ({ ...layout, yaxis: { ...layout.yaxis, ...logTicks(curves.flatMap(({ y }) => y)) } }),
    [curves],
  );
  const summary = rows
    .map(({ layer, losses }) => `${layer} ${formatValue(losses.at(-1) ?? Number.NaN)}`)
    .join(', ');
  return (
    <section aria-label="Loss curves">
      <Plot
        label="Loss against iteration"
        summary={`The last losses: ${summary}.`}
        traces={traces}
        layout={withTicks}
        height={300}
      />
      <ul className={`${styles.stages} ${styles.muted}`}>
        {rows.map(({ layer }, i) => (
          <li key={layer}>
            <span
              className="data-color"
              style={{ color: colors[lineColors[i % lineColors.length]] }}
              aria-hidden="true"
            >
              ●
            </span>{' '}
            {layer}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Evenly spaced iterations and the last; more points than pixels would only cost time. */
function thinned(losses: readonly number[]): { x: number[]; y: number[] } {
  const stride = Math.ceil(losses.length / MOST_POINTS);
  const x = losses.map((_, iteration) => iteration);
  const kept = x.filter((iteration) => iteration % stride === 0 || iteration === losses.length - 1);
  return { x: kept, y: kept.map((iteration) => losses[iteration]) };
}
