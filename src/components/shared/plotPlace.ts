import type { PlotlyLayout } from 'plotly.js-cartesian-dist-min';
import { clearedCanvas } from './clearedCanvas.ts';

/** The rectangle between a chart's axes, in CSS pixels. */
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

/** Clears a canvas over a chart, in the size of the chart's layout; returns its context, or undefined if there is none. */
export function clearedChart(
  canvas: HTMLCanvasElement,
  layout: PlotlyLayout,
): CanvasRenderingContext2D | undefined {
  const [width, height] = [numberOr(layout.width, 0), numberOr(layout.height, 0)];
  if (canvas.style.width !== `${width}px`) canvas.style.width = `${width}px`;
  if (canvas.style.height !== `${height}px`) canvas.style.height = `${height}px`;
  return clearedCanvas(canvas, width, height);
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

/** Reads the current range, which Plotly writes back into the layout (as powers of ten for a log axis). */
export function axisOf(given: unknown): PlotAxis | undefined {
  const axis = recordOr(given);
  const { range, domain } = axis;
  if (!Array.isArray(range) || typeof range[0] !== 'number' || typeof range[1] !== 'number') return undefined;
  const [from, to] = Array.isArray(domain) ? domain : [0, 1];
  return { low: range[0], high: range[1], log: axis.type === 'log', domain: [from, to] };
}

/** A value's position on the axis, from 0 at its low end to 1. */
export function shareOf({ low, high, log }: PlotAxis, value: number): number {
  return ((log ? Math.log10(value) : value) - low) / (high - low);
}

/** A pair of axes on the page. */
export interface PlotPlace {
  area: PlotArea;
  across(value: number): number;
  down(value: number): number;
}

/** Maps values of two axes to the page; the vertical axis may use a part of the chart's height. */
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

/** Draws a curve, clipped to the axes. The context's other styles, such as dashes and alpha, apply. */
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
