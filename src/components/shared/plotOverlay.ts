import type { PlotlyLayout } from 'plotly.js-cartesian-dist-min';
import {
  areaOf,
  axisOf,
  clearedCanvas,
  numberOr,
  type PlotArea,
  type PlotAxis,
  shareOf,
} from './plotPlace.ts';

/** A line in the chart's own units. */
export interface OverlayLine {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  axis: 'y' | 'y2';
  color: string;
  width: number;
}

/** What changes faster than a chart can be laid out: the newest end of its curves, and the moment's cursor. */
export interface Overlay {
  lines: OverlayLine[];
  /** A vertical line at this x. */
  cursor?: { x: number; color: string };
}

export interface OverlaySource {
  read(): Overlay;
  subscribe(listener: () => void): () => void;
}

/** Draws the overlay over a chart of this layout, as Plotly has completed it (ranges included; margins fixed). */
export function paintOverlay(canvas: HTMLCanvasElement, overlay: Overlay, layout: PlotlyLayout): void {
  const context = clearedCanvas(canvas, numberOr(layout.width, 0), numberOr(layout.height, 0));
  const x = axisOf(layout.xaxis);
  if (!context || !x) return;
  const area = areaOf(layout);
  const acrossOf = (value: number) => area.left + shareOf(x, value) * area.width;
  for (const line of overlay.lines) {
    const y = axisOf(line.axis === 'y' ? layout.yaxis : layout.yaxis2);
    if (y) drawLine(context, line, acrossOf, y, area);
  }
  if (overlay.cursor) {
    const across = acrossOf(overlay.cursor.x);
    if (across < area.left - 1 || across > area.left + area.width + 1) return;
    context.fillStyle = overlay.cursor.color;
    context.fillRect(Math.round(across) - 0.75, area.top, 1.5, area.height);
  }
}

function drawLine(
  context: CanvasRenderingContext2D,
  line: OverlayLine,
  acrossOf: (value: number) => number,
  y: PlotAxis,
  area: PlotArea,
): void {
  const [from, to] = y.domain;
  context.save();
  context.beginPath();
  context.rect(area.left, area.top + (1 - to) * area.height, area.width, (to - from) * area.height);
  context.clip();
  context.beginPath();
  for (let i = 0; i < line.x.length; i++) {
    const down = area.top + (1 - (from + shareOf(y, line.y[i]) * (to - from))) * area.height;
    context.lineTo(acrossOf(line.x[i]), down);
  }
  context.strokeStyle = line.color;
  context.lineWidth = line.width;
  context.lineJoin = 'round';
  context.stroke();
  context.restore();
}
