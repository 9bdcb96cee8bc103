import type { PlotlyLayout, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { recordOr, VERTICAL_AXES, type VerticalName } from './plotScales.ts';

type Axis = Record<string, unknown>;

/** Plotly's margin between the data and the end of an axis, as a share of the data's extent. */
const DISTANCE = 0.06;

/** The vertical axis of a trace. */
export function verticalOf({ yaxis }: PlotlyTrace): VerticalName {
  return yaxis === 'y2' ? 'y2' : 'y';
}

/** The layout with all ranges filled in, as Plotly would do. */
export function settledLayout(traces: PlotlyTrace[], layout: PlotlyLayout): PlotlyLayout {
  const valuesOf = (name: 'x' | 'y', of: PlotlyTrace[]) =>
    of.flatMap((trace) => Array.from(trace[name] ?? [], Number).filter(Number.isFinite));
  const marked = traces.filter(({ mode }) => String(mode).includes('markers'));
  const xaxis = settledAxis(recordOr(layout.xaxis), valuesOf('x', traces), valuesOf('x', marked));
  const vertical = Object.entries(VERTICAL_AXES).map(([name, key]) => {
    const values = valuesOf(
      'y',
      traces.filter((trace) => verticalOf(trace) === name),
    );
    return [key, settledAxis(recordOr(layout[key]), values, values)];
  });
  return { ...layout, xaxis, ...Object.fromEntries(vertical) };
}

/** `apart` holds the values that need a margin between them and the end of the axis. */
function settledAxis(axis: Axis, values: number[], apart: number[]): Axis {
  if (Array.isArray(axis.range)) return axis;
  const log = axis.type === 'log';
  const scaled = (given: number[]) => (log ? given.filter((value) => value > 0).map(Math.log10) : given);
  const { include } = recordOr(axis.autorangeoptions);
  const ends = Array.isArray(include) ? include : [];
  const tozero = axis.rangemode === 'tozero' && !log;
  const all = scaled([...values, ...ends, ...(tozero ? [0] : [])]);
  if (all.length === 0) return { ...axis, range: [0, 1] };
  const least = (given: number[]) => given.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = (given: number[]) => given.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const [low, high] = [least(all), most(all)];
  const room = DISTANCE * (high - low);
  const shy = scaled(apart);
  return {
    ...axis,
    range: [
      least(shy) <= low && !(tozero && low === 0) ? low - room : low,
      most(shy) >= high ? high + room : high,
    ],
  };
}
