import type { PlotlyLayout, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { useMemo, useState } from 'react';
import type { LabState } from '../../lab/state/state.ts';
import { useLab, useLabCore, useLabPaced } from '../context/LabContext.tsx';
import { axisEnd } from '../shared/axisEnd.ts';
import { type Colors, colorOf, colorTable, inkOn, useColors } from '../shared/colors.ts';
import { formatSigned, formatValue } from '../shared/format.ts';
import { LiveText } from '../shared/LiveText.tsx';
import { Plot } from '../shared/Plot.tsx';
import type { OverlayLine, OverlaySource } from '../shared/plotOverlay.ts';
import { EnlargedFilter } from './EnlargedFilter.tsx';
import styles from './FilterDetail.module.css';
import { type FilterHistory, type FilterTrack, kernelSide } from './filterHistory.ts';

interface FilterDetailProps {
  filter: number;
  count: number;
  history: FilterHistory;
  onChange: (filter: number) => void;
  onClose: () => void;
}

/** One filter: its weights now, and each weight over the run. */
export function FilterDetail({ filter, count, history, onChange, onClose }: FilterDetailProps) {
  const live = useLabPaced((state) => state.liveFilters, 250);
  const moment = useLabPaced((state) => state.moment, 250);
  const training = useLab((state) => state.status === 'training');
  const colors = useColors();
  const [pointed, setPointed] = useState<number>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: these change when the history has new frames
  const shown = useMemo(() => history.shown(), [history, live, moment]);
  const { track, ...chart } = useTrackChart({ filter, history, pointed, colors });
  if (!shown) return null;

  const side = kernelSide(shown);
  const weights = shown.weight.slice(filter * side ** 2, (filter + 1) * side ** 2);
  const norm = Math.hypot(...weights);
  const normAtStart = track.norms[0] ?? norm;
  const moved = Math.hypot(...weights.map((weight, i) => weight - (track.weights[i]?.[0] ?? weight)));
  const facts = {
    norm: formatValue(norm),
    'at the start': formatValue(normAtStart),
    'moved by': formatValue(moved),
    bias: formatSigned(shown.bias[filter]),
  };
  return (
    <EnlargedFilter title={`Filter ${filter}`} kind="filter" {...{ filter, count, facts, onChange, onClose }}>
      <div className={styles.body}>
        <Kernel weights={weights} side={side} history={history} colors={colors} onPoint={setPointed} />
        <Plot
          label={`Filter ${filter}: its weights and its norm over the run's steps`}
          summary={`The norm went from ${formatValue(normAtStart)} to ${formatValue(norm)}.`}
          {...chart}
          atRest={!training}
          height={230}
        />
      </div>
    </EnlargedFilter>
  );
}

interface TrackParts {
  filter: number;
  history: FilterHistory;
  /** The weight whose curve stands out. */
  pointed: number | undefined;
  colors: Colors;
}

/** The chart of a filter's weights over the run. It is laid out again only at intervals; its overlay draws the steps since. */
function useTrackChart({ filter, history, pointed, colors }: TrackParts) {
  const { store } = useLabCore();
  // Another run can be at the same step.
  const occasion = useLab(({ run, status, liveFilters }) => {
    const step = liveFilters?.step ?? 0;
    return `${run}, ${status === 'training' ? axisEnd(step) : step}`;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the occasion triggers a new reading
  const track = useMemo(() => history.track(filter), [history, filter, occasion]);
  const traces = useMemo(() => trackTraces(track, pointed, colors), [track, pointed, colors]);
  const layout = useMemo(() => trackLayout(track, colors), [track, colors]);
  const overlay = useMemo((): OverlaySource => {
    let newest: LabState['liveFilters'];
    let lines: OverlayLine[] = [];
    return {
      subscribe: store.subscribe,
      read: () => {
        const { moment, liveFilters } = store.getState();
        // While a person moves the timeline, only the cursor changes.
        if (liveFilters !== newest) lines = newestLines(history, filter, track, colors);
        newest = liveFilters;
        return { lines, cursor: moment === 'live' ? undefined : { x: moment, color: colors.focus } };
      },
    };
  }, [store, history, filter, track, colors]);
  return { track, traces, layout, overlay };
}

interface KernelProps {
  weights: Float32Array;
  side: number;
  history: FilterHistory;
  colors: Colors;
  onPoint: (weight: number | undefined) => void;
}

/** The kernel as a table of colored numbers. Pointing at a number highlights its curve. */
function Kernel({ weights, side, history, colors, onPoint }: KernelProps) {
  const table = useMemo(() => colorTable('sign', colors), [colors]);
  const rows = Array.from({ length: side }, (_, row) => row);
  return (
    // No hidden caption: beside one that takes no room, WebKit squashes the rows at the bottom of the height.
    <table className={`${styles.kernel} ${side > 3 ? styles.small : ''}`} aria-label="Weights, row by row">
      <tbody onPointerLeave={() => onPoint(undefined)}>
        {rows.map((row) => (
          <tr key={row}>
            {rows.map((column) => {
              const place = row * side + column;
              const background = colorOf(weights[place], history.scale, table);
              return (
                <td
                  key={column}
                  style={{ background, color: inkOn(background) }}
                  title={`row ${row}, column ${column}: ${formatSigned(weights[place], 6)}`}
                  onPointerEnter={() => onPoint(place)}
                >
                  <LiveText text={formatSigned(weights[place], side > 3 ? 1 : 3)} digits={side > 3 ? 4 : 6} />
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function trackTraces(
  { steps, weights, norms }: FilterTrack,
  pointed: number | undefined,
  colors: Colors,
): PlotlyTrace[] {
  const side = Math.round(Math.sqrt(weights.length));
  // A line with a single point would be invisible.
  const mode = steps.length > 1 ? 'lines' : 'markers';
  const curves = weights.map((values, place): PlotlyTrace => {
    const last = values.at(-1) ?? 0;
    const aside = pointed !== undefined && pointed !== place;
    return {
      type: 'scatter',
      mode,
      name: `row ${Math.floor(place / side)}, column ${place % side}`,
      x: steps,
      y: values,
      // The color of a curve follows the sign of its current weight.
      line: { color: signColor(last, colors), width: pointed === place ? 3 : 1.5 },
      opacity: aside ? 0.25 : 1,
      hovertemplate: '%{y:+.4f} %{fullData.name}<extra></extra>',
    };
  });
  return [
    ...curves,
    {
      type: 'scatter',
      mode,
      name: 'norm',
      x: steps,
      y: norms,
      yaxis: 'y2',
      line: { color: colors.ink, width: 2 },
      hovertemplate: '%{y:.4f} norm<extra></extra>',
    },
  ];
}

/** The curves from the chart's last step onward. */
function newestLines(
  history: FilterHistory,
  filter: number,
  settled: FilterTrack,
  colors: Colors,
): OverlayLine[] {
  const { steps, weights, norms } = history.track(filter, settled.steps.at(-1));
  if (steps.length < 2) return [];
  return [
    ...weights.map(
      (y): OverlayLine => ({ x: steps, y, axis: 'y', color: signColor(y.at(-1) ?? 0, colors), width: 1.5 }),
    ),
    { x: steps, y: norms, axis: 'y2', color: colors.ink, width: 2 },
  ];
}

function signColor(weight: number, colors: Colors): string {
  return weight < 0 ? colors.negative : colors.positive;
}

function trackLayout({ steps }: FilterTrack, colors: Colors): PlotlyLayout {
  return {
    hovermode: 'closest',
    // The last tick's label stands half beyond the axis.
    margin: { l: 48, r: 20, t: 6, b: 34 },
    xaxis: {
      anchor: 'y2',
      title: { text: 'step' },
      showgrid: false,
      autorangeoptions: { include: [0, axisEnd(steps.at(-1) ?? 0)] },
      tickformat: ',d',
    },
    yaxis: {
      domain: [0.42, 1],
      title: { text: 'weights' },
      nticks: 5,
      zeroline: true,
      zerolinecolor: colors['line-strong'],
    },
    yaxis2: { domain: [0, 0.34], title: { text: 'norm' }, nticks: 3, rangemode: 'tozero' },
  };
}
