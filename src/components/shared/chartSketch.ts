import type { PlotlyLayout, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import {
  areaOf,
  axisOf,
  clearedChart,
  drawCurve,
  numberOr,
  type PlotArea,
  type PlotAxis,
  type PlotPlace,
  placeOf,
  recordOr,
  shareOf,
} from './plotPlace.ts';

type Axis = Record<string, unknown>;

const FONT_SIZE = 12;
/** Pixels from a horizontal axis to its title's baseline, and from there to the end of its longest letters. */
const TITLE_BELOW = 33.5;
const DESCENT = 4;
/** Plotly's margin between the data and the end of an axis, as a share of the data's extent. */
const DISTANCE = 0.06;

const VERTICAL = { y: 'yaxis', y2: 'yaxis2' } as const;
type VerticalName = keyof typeof VERTICAL;

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

const SYMBOLS = /^(circle|diamond)(-open)?$/;

function isNumber(value: unknown): boolean {
  return value === undefined || typeof value === 'number';
}

function verticalOf({ yaxis }: PlotlyTrace): VerticalName {
  return yaxis === 'y2' ? 'y2' : 'y';
}

/** The layout with all ranges filled in, as Plotly would do. */
export function settledLayout(traces: PlotlyTrace[], layout: PlotlyLayout): PlotlyLayout {
  const valuesOf = (name: 'x' | 'y', of: PlotlyTrace[]) =>
    of.flatMap((trace) => Array.from(trace[name] ?? [], Number).filter(Number.isFinite));
  const marked = traces.filter(({ mode }) => String(mode).includes('markers'));
  const xaxis = settledAxis(recordOr(layout.xaxis), valuesOf('x', traces), valuesOf('x', marked));
  const vertical = Object.entries(VERTICAL).map(([name, key]) => {
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

/**
 * Draws a chart as Plotly would, without interaction, so that the first view need not load Plotly's megabyte. `layout`
 * comes from `settledLayout` and has `width`, `height` and fixed margins.
 */
export function sketchChart(canvas: HTMLCanvasElement, traces: PlotlyTrace[], layout: PlotlyLayout): void {
  const context = clearedChart(canvas, layout);
  const x = axisOf(layout.xaxis);
  if (!context || !x) return;
  const { family, color } = recordOr(layout.font);
  context.font = `${FONT_SIZE}px ${family}`;
  context.fillStyle = String(color);
  drawHorizontal(context, recordOr(layout.xaxis), x, areaOf(layout));
  drawHorizontalTitle(context, recordOr(layout.xaxis), areaOf(layout), numberOr(layout.height, 0));
  for (const [name, key] of Object.entries(VERTICAL)) {
    const own = traces.filter((trace) => verticalOf(trace) === name);
    const y = axisOf(layout[key]);
    if (!y || own.length === 0) continue;
    const place = placeOf(layout, x, y);
    drawVertical(context, recordOr(layout[key]), y, place);
    if (name === 'y') for (const shape of listOf(layout.shapes)) drawShape(context, shape, place);
    for (const trace of own) if (String(trace.mode).includes('lines')) drawLine(context, trace, place);
    for (const trace of own) if (String(trace.mode).includes('markers')) drawMarks(context, trace, place);
    if (name === 'y') for (const note of listOf(layout.annotations)) drawNote(context, note, y, place);
  }
}

function drawVertical(
  context: CanvasRenderingContext2D,
  axis: Axis,
  { low, high }: PlotAxis,
  place: PlotPlace,
): void {
  const { area } = place;
  const right = area.left + area.width;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  let widest = 0;
  for (const { value, label } of ticksOf(axis, low, high, area.height / 40)) {
    const down = place.down(value);
    if (axis.showgrid !== false) rule(context, axis.gridcolor, [area.left, down, right, down]);
    rule(context, axis.tickcolor, [area.left - numberOr(axis.ticklen, 4), down, area.left, down]);
    context.fillText(label, area.left - 7, down);
    widest = Math.max(widest, context.measureText(label).width);
  }
  if (axis.zeroline === true && low < 0 && high > 0) {
    rule(context, axis.zerolinecolor, [area.left, place.down(0), right, place.down(0)]);
  }
  rule(context, axis.linecolor, [area.left, area.top, area.left, area.top + area.height]);
  const { text } = recordOr(axis.title);
  if (typeof text !== 'string') return;
  context.save();
  context.translate(Math.max(FONT_SIZE / 2 + 1, area.left - widest - 20), area.top + area.height / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = 'center';
  context.fillText(text, 0, 0);
  context.restore();
}

function drawHorizontal(
  context: CanvasRenderingContext2D,
  axis: Axis,
  scale: PlotAxis,
  area: PlotArea,
): void {
  const { low, high } = scale;
  const bottom = area.top + area.height;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const { value, label } of ticksOf(axis, low, high, area.width / 80)) {
    const across = area.left + shareOf(scale, value) * area.width;
    if (axis.showgrid !== false) rule(context, axis.gridcolor, [across, area.top, across, bottom]);
    rule(context, axis.tickcolor, [across, bottom, across, bottom + numberOr(axis.ticklen, 4)]);
    if (axis.showticklabels !== false) context.fillText(label, across, bottom + 7);
  }
  rule(context, axis.linecolor, [area.left, bottom, area.left + area.width, bottom]);
}

/** Places text by its baseline, because browsers disagree about the top of a line. */
function drawHorizontalTitle(
  context: CanvasRenderingContext2D,
  axis: Axis,
  area: PlotArea,
  height: number,
): void {
  const { text } = recordOr(axis.title);
  if (typeof text !== 'string') return;
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  const below = Math.min(area.top + area.height + TITLE_BELOW, height - DESCENT);
  context.fillText(text, area.left + area.width / 2, below);
}

interface Tick {
  value: number;
  label: string;
}

/** The layout's ticks, or Plotly's choice: about `room` ticks at steps of 1, 2 or 5 times a power of ten. */
function ticksOf(axis: Axis, low: number, high: number, room: number): Tick[] {
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

function rule(
  context: CanvasRenderingContext2D,
  color: unknown,
  [x0, y0, x1, y1]: [number, number, number, number],
  { width = 1, dash = [] as number[] } = {},
): void {
  // A one-pixel line is sharp only at half-pixel coordinates.
  const crisp = (value: number) => Math.round(value - 0.5) + 0.5;
  context.strokeStyle = String(color);
  context.lineWidth = width;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(crisp(x0), crisp(y0));
  context.lineTo(crisp(x1), crisp(y1));
  context.stroke();
  context.setLineDash([]);
}

function drawShape(context: CanvasRenderingContext2D, shape: Axis, { area, across, down }: PlotPlace): void {
  const x = (value: unknown) =>
    shape.xref === 'paper' ? area.left + numberOr(value, 0) * area.width : across(numberOr(value, 0));
  const y = (value: unknown) =>
    shape.yref === 'paper' ? area.top + (1 - numberOr(value, 0)) * area.height : down(numberOr(value, 0));
  const { color, width, dash } = recordOr(shape.line);
  rule(context, color, [x(shape.x0), y(shape.y0), x(shape.x1), y(shape.y1)], {
    width: numberOr(width, 1),
    dash: dashOf(dash, numberOr(width, 1)),
  });
}

function drawLine(context: CanvasRenderingContext2D, trace: PlotlyTrace, place: PlotPlace): void {
  const { color, width, dash } = recordOr(trace.line);
  const curve = {
    x: trace.x ?? [],
    y: trace.y ?? [],
    color: String(color),
    width: numberOr(width, 2),
  };
  context.save();
  context.globalAlpha = numberOr(trace.opacity, 1);
  context.setLineDash(dashOf(dash, curve.width));
  drawCurve(context, curve, place);
  context.restore();
}

function drawMarks(
  context: CanvasRenderingContext2D,
  { x, y, marker, line: curve }: PlotlyTrace,
  { across, down }: PlotPlace,
): void {
  const { symbol, size, line, color = recordOr(curve).color } = recordOr(marker);
  const name = String(symbol);
  const open = name.endsWith('-open');
  const radius = numberOr(size, 6) / 2;
  context.fillStyle = String(color);
  context.strokeStyle = String(color);
  context.lineWidth = numberOr(recordOr(line).width, 1);
  for (let i = 0; i < (x?.length ?? 0); i++) {
    const [atX, atY] = [across(Number(x?.[i])), down(Number(y?.[i]))];
    context.beginPath();
    if (name.startsWith('diamond')) {
      // Plotly's diamond extends 1.3 radii from its center.
      const reach = 1.3 * radius;
      context.moveTo(atX + reach, atY);
      context.lineTo(atX, atY + reach);
      context.lineTo(atX - reach, atY);
      context.lineTo(atX, atY - reach);
      context.closePath();
    } else {
      context.arc(atX, atY, radius, 0, 2 * Math.PI);
    }
    if (open) context.stroke();
    else context.fill();
  }
}

function drawNote(context: CanvasRenderingContext2D, note: Axis, axis: PlotAxis, { area }: PlotPlace): void {
  const { size, color } = recordOr(note.font);
  context.font = context.font.replace(/^[\d.]+px/, `${numberOr(size, FONT_SIZE)}px`);
  context.fillStyle = String(color);
  context.textAlign = note.xanchor === 'right' ? 'right' : 'left';
  const below = note.yanchor === 'top';
  context.textBaseline = below ? 'top' : 'bottom';
  // On a log axis, Plotly expects the logarithm of an annotation's position.
  const share = (numberOr(note.y, 0) - axis.low) / (axis.high - axis.low);
  context.fillText(
    String(note.text),
    area.left + numberOr(note.x, 0) * area.width - 1,
    area.top + (1 - share) * area.height + (below ? 1 : -1),
  );
}

function dashOf(name: unknown, width: number): number[] {
  // Plotly's dash lengths are multiples of the line width, but at least three pixels.
  const unit = Math.max(width, 3);
  if (name === 'dot') return [unit, unit];
  if (name === 'dash') return [3 * unit, 3 * unit];
  return [];
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(recordOr) : [];
}
