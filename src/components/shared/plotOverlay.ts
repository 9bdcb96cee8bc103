import type { PlotlyLayout } from 'plotly.js-cartesian-dist-min';
import { areaOf, axisOf, type Curve, clearedChart, drawCurve, placeOf, shareOf } from './plotPlace.ts';

/** A line in the chart's own units. */
export interface OverlayLine extends Curve {
  axis: 'y' | 'y2';
}

/** Content that changes faster than a chart can be laid out: the newest ends of its curves and the moment's cursor. */
export interface Overlay {
  lines: OverlayLine[];
  /** A vertical line at this x. */
  cursor?: { x: number; color: string };
}

export interface OverlaySource {
  read(): Overlay;
  subscribe(listener: () => void): () => void;
}

/** Draws the overlay over a chart. The layout is Plotly's completed one, with ranges and fixed margins. */
export function paintOverlay(canvas: HTMLCanvasElement, overlay: Overlay, layout: PlotlyLayout): void {
  const context = clearedChart(canvas, layout);
  const x = axisOf(layout.xaxis);
  if (!context || !x) return;
  for (const line of overlay.lines) {
    const y = axisOf(line.axis === 'y' ? layout.yaxis : layout.yaxis2);
    if (y) drawCurve(context, line, placeOf(layout, x, y));
  }
  if (overlay.cursor) {
    const area = areaOf(layout);
    const across = area.left + shareOf(x, overlay.cursor.x) * area.width;
    if (across < area.left - 1 || across > area.left + area.width + 1) return;
    context.fillStyle = overlay.cursor.color;
    context.fillRect(Math.round(across) - 0.75, area.top, 1.5, area.height);
  }
}
