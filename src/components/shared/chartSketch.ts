import type { PlotlyLayout, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import type {
  AxisMark,
  CurveMark,
  Field,
  LabelMark,
  Mark,
  Picture,
  PointsMark,
  RuleMark,
  Tick,
} from '../painter/picture.ts';
import { placeOf, type Scale } from '../painter/scale.ts';
import {
  numberOr,
  type PlotScales,
  recordOr,
  scalesOf,
  sheetOf,
  VERTICAL_AXES,
  wholeScales,
} from './plotScales.ts';
import { verticalOf } from './settledLayout.ts';

type Given = Record<string, unknown>;

const FONT_SIZE = 12;
const SYMBOLS = /^(circle|diamond)(-open)?$/;

/** Whether the sketch can draw these traces: plain curves, circles and diamonds on one horizontal axis of numbers. */
export function canSketch(traces: PlotlyTrace[]): boolean {
  return traces.every(({ type, mode, x, xaxis, yaxis, fill, error_y, marker }) => {
    const isPlain = !String(mode).includes('text') && !fill && !error_y && isNumber(x?.[0]);
    const { symbol = 'circle' } = recordOr(marker);
    return (
      type === 'scatter' && !xaxis && (!yaxis || yaxis === 'y2') && isPlain && SYMBOLS.test(String(symbol))
    );
  });
}

function isNumber(value: unknown): boolean {
  return value === undefined || typeof value === 'number';
}

/**
 * A chart as Plotly would draw it, without interaction, so that the first view need not load Plotly's megabyte. `layout`
 * comes from `settledLayout` and has `width`, `height` and fixed margins.
 */
export function sketchPicture(traces: PlotlyTrace[], layout: PlotlyLayout): Picture {
  const sheet = sheetOf(layout);
  const whole = wholeScales(layout);
  if (!whole) return { ...sheet, fields: [] };
  const text = String(recordOr(layout.font).color);
  const fields: Field[] = [
    { ...whole, marks: [axisMark(layout.xaxis, { side: 'bottom', scale: whole.across, text })] },
  ];
  for (const name of ['y', 'y2'] as const) {
    const own = traces.filter((trace) => verticalOf(trace) === name);
    const place = scalesOf(layout, name);
    if (!place || own.length === 0) continue;
    const axis = axisMark(layout[VERTICAL_AXES[name]], { side: 'left', scale: place.down, text });
    const of = (part: string) => own.filter(({ mode }) => String(mode).includes(part));
    const isFirst = name === 'y';
    const marks: Mark[] = [
      axis,
      ...(isFirst ? listOf(layout.shapes).map((shape) => ruleOf(shape, place)) : []),
      ...of('lines').map(curveOf),
      ...of('markers').map(pointsOf),
      ...(isFirst ? listOf(layout.annotations).map((note) => labelOf(note, place)) : []),
    ];
    fields.push({ ...place, marks });
  }
  return { ...sheet, fields };
}

interface AxisParts {
  side: AxisMark['side'];
  scale: Scale;
  /** The color of texts. */
  text: string;
}

function axisMark(given: unknown, { side, scale, text }: AxisParts): AxisMark {
  const axis = recordOr(given);
  const room = Math.abs(scale.end - scale.start) / (side === 'left' ? 40 : 80);
  const { text: title } = recordOr(axis.title);
  return {
    kind: 'axis',
    side,
    ticks: ticksOf(axis, scale, room),
    tickLength: numberOr(axis.ticklen, 4),
    title: typeof title === 'string' ? title : undefined,
    hasLabels: axis.showticklabels !== false,
    color: {
      text,
      line: String(axis.linecolor),
      tick: String(axis.tickcolor),
      grid: axis.showgrid === false ? undefined : String(axis.gridcolor),
      zero: axis.zeroline === true ? String(axis.zerolinecolor) : undefined,
    },
  };
}

/** The layout's ticks, or Plotly's choice: about `room` ticks at steps of 1, 2 or 5 times a power of ten. */
function ticksOf(axis: Given, { low, high }: Scale, room: number): Tick[] {
  const within = (at: number) => at >= Math.min(low, high) - 1e-9 && at <= Math.max(low, high) + 1e-9;
  const { tickvals, ticktext } = axis;
  if (Array.isArray(tickvals) && Array.isArray(ticktext)) {
    const scaled = (value: number) => (axis.type === 'log' ? Math.log10(value) : value);
    return tickvals
      .map((value: number, i) => ({ value, label: String(ticktext[i]) }))
      .filter(({ value }) => within(scaled(value)));
  }
  const rough = Math.abs(high - low) / numberOr(axis.nticks, Math.min(9, Math.max(4, room)) + 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const ticks: Tick[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9; i++) {
    const value = i === 0 ? 0 : i * step;
    ticks.push({ value, label: tickText(value, step, axis.tickformat) });
  }
  return ticks;
}

function tickText(value: number, step: number, format: unknown): string {
  if (format === '.0%') return `${Math.round(100 * value)}%`;
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function ruleOf(shape: Given, { across, down }: PlotScales): RuleMark {
  const x = (value: unknown) => placeOnPaper(across, value, shape.xref);
  const y = (value: unknown) => placeOnPaper(down, value, shape.yref);
  const { color, width, dash } = recordOr(shape.line);
  return {
    kind: 'rule',
    from: [x(shape.x0), y(shape.y0)],
    to: [x(shape.x1), y(shape.y1)],
    color: String(color),
    width: numberOr(width, 1),
    dash: dashOf(dash, numberOr(width, 1)),
  };
}

/** The place of a value of the axis, or of a share of the chart. */
function placeOnPaper(scale: Scale, value: unknown, reference: unknown): number {
  const number = numberOr(value, 0);
  return reference === 'paper' ? scale.start + number * (scale.end - scale.start) : placeOf(scale, number);
}

function curveOf({ x = [], y = [], line, opacity }: PlotlyTrace): CurveMark {
  const { color, width, dash } = recordOr(line);
  const thickness = numberOr(width, 2);
  return {
    kind: 'curve',
    x,
    y,
    color: String(color),
    width: thickness,
    dash: dashOf(dash, thickness),
    opacity: numberOr(opacity, 1),
    isClipped: true,
  };
}

function pointsOf({ x = [], y = [], marker, line: curve }: PlotlyTrace): PointsMark {
  const { symbol, size, line, color = recordOr(curve).color } = recordOr(marker);
  const name = String(symbol);
  return {
    kind: 'points',
    x,
    y,
    shape: name.startsWith('diamond') ? 'diamond' : 'circle',
    radius: numberOr(size, 6) / 2,
    color: String(color),
    outline: name.endsWith('-open') ? numberOr(recordOr(line).width, 1) : undefined,
  };
}

function labelOf(note: Given, { across, down }: PlotScales): LabelMark {
  const { size, color } = recordOr(note.font);
  const isBelow = note.yanchor === 'top';
  // On a log axis, Plotly expects the logarithm of an annotation's position.
  const y = placeOf({ ...down, spread: 'linear' }, numberOr(note.y, 0));
  return {
    kind: 'label',
    text: String(note.text),
    x: placeOnPaper(across, note.x, 'paper') - 1,
    y: y + (isBelow ? 1 : -1),
    size: numberOr(size, FONT_SIZE),
    color: String(color),
    align: note.xanchor === 'right' ? 'right' : 'left',
    baseline: isBelow ? 'top' : 'bottom',
  };
}

function dashOf(name: unknown, width: number): number[] | undefined {
  // Plotly's dash lengths are multiples of the line width, but at least three pixels.
  const unit = Math.max(width, 3);
  if (name === 'dot') return [unit, unit];
  if (name === 'dash') return [3 * unit, 3 * unit];
  return undefined;
}

function listOf(value: unknown): Given[] {
  return Array.isArray(value) ? value.map(recordOr) : [];
}
