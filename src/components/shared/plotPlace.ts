import type { PlotlyLayout } from 'plotly.js-cartesian-dist-min';

/** Where a chart's axes stand, in CSS pixels. */
export interface PlotArea {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface PlotAxis {
  low: number;
  high: number;
  log: boolean;
  domain: [number, number];
}

/** A canvas of this size in CSS pixels, cleared; undefined where it cannot be drawn on. */
export function clearedCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | undefined {
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** Needs a layout with `width`, `height` and fixed margins. */
export function areaOf(layout: PlotlyLayout): PlotArea {
  const margin = recordOr(layout.margin);
  return {
    left: numberOr(margin.l, 0),
    top: numberOr(margin.t, 0),
    width: numberOr(layout.width, 0) - numberOr(margin.l, 0) - numberOr(margin.r, 0),
    height: numberOr(layout.height, 0) - numberOr(margin.t, 0) - numberOr(margin.b, 0),
  };
}

/** Plotly writes the range in force back into the layout; of a log axis it is in powers of ten. */
export function axisOf(given: unknown): PlotAxis | undefined {
  const axis = recordOr(given);
  const { range, domain } = axis;
  if (!Array.isArray(range) || typeof range[0] !== 'number' || typeof range[1] !== 'number') return undefined;
  const [from, to] = Array.isArray(domain) ? domain : [0, 1];
  return { low: range[0], high: range[1], log: axis.type === 'log', domain: [from, to] };
}

/** A value's place between the axis's ends, from 0 to 1. */
export function shareOf({ low, high, log }: PlotAxis, value: number): number {
  return ((log ? Math.log10(value) : value) - low) / (high - low);
}

/** A pair of axes on the page. */
export interface PlotPlace {
  area: PlotArea;
  across(value: number): number;
  down(value: number): number;
}

/** Where values of these two axes lie; the vertical one may have a part of the chart's height. */
export function placeOf(layout: PlotlyLayout, x: PlotAxis, y: PlotAxis): PlotPlace {
  const whole = areaOf(layout);
  const [from, to] = y.domain;
  const area = { ...whole, top: whole.top + (1 - to) * whole.height, height: (to - from) * whole.height };
  return {
    area,
    across: (value) => area.left + shareOf(x, value) * area.width,
    down: (value) => area.top + (1 - shareOf(y, value)) * area.height,
  };
}

export interface Curve {
  x: ArrayLike<number | string>;
  y: ArrayLike<number | string>;
  color: string;
  width: number;
}

/** Within the axes; what the context has beyond color and width (dashes, alpha) holds. */
export function drawCurve(
  context: CanvasRenderingContext2D,
  { x, y, color, width }: Curve,
  { area, across, down }: PlotPlace,
): void {
  context.save();
  context.beginPath();
  context.rect(area.left, area.top, area.width, area.height);
  context.clip();
  context.beginPath();
  for (let i = 0; i < x.length; i++) context.lineTo(across(Number(x[i])), down(Number(y[i])));
  context.strokeStyle = color;
  context.lineWidth = width;
  context.lineJoin = 'round';
  context.stroke();
  context.restore();
}

export function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

export function recordOr(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
