import type { PlotlyLayout } from 'plotly.js-cartesian-dist-min';

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

interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

interface Axis {
  low: number;
  high: number;
  log: boolean;
  domain: [number, number];
}

/** Draws the overlay over a chart of this layout, as Plotly has completed it (ranges included; margins fixed). */
export function paintOverlay(canvas: HTMLCanvasElement, overlay: Overlay, layout: PlotlyLayout): void {
  const width = numberOr(layout.width, 0);
  const height = numberOr(layout.height, 0);
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext('2d');
  const x = axisOf(layout.xaxis);
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  if (!x) return;
  const margin = recordOr(layout.margin);
  const area = {
    left: numberOr(margin.l, 0),
    top: numberOr(margin.t, 0),
    width: width - numberOr(margin.l, 0) - numberOr(margin.r, 0),
    height: height - numberOr(margin.t, 0) - numberOr(margin.b, 0),
  };
  const acrossOf = (value: number) => area.left + share(x, value) * area.width;
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
  y: Axis,
  area: Area,
): void {
  const [from, to] = y.domain;
  context.save();
  context.beginPath();
  context.rect(area.left, area.top + (1 - to) * area.height, area.width, (to - from) * area.height);
  context.clip();
  context.beginPath();
  for (let i = 0; i < line.x.length; i++) {
    const down = area.top + (1 - (from + share(y, line.y[i]) * (to - from))) * area.height;
    context.lineTo(acrossOf(line.x[i]), down);
  }
  context.strokeStyle = line.color;
  context.lineWidth = line.width;
  context.lineJoin = 'round';
  context.stroke();
  context.restore();
}

function share({ low, high, log }: Axis, value: number): number {
  return ((log ? Math.log10(value) : value) - low) / (high - low);
}

/** Plotly writes the range in force back into the layout; of a log axis it is in powers of ten. */
function axisOf(given: unknown): Axis | undefined {
  const axis = recordOr(given);
  const { range, domain } = axis;
  if (!Array.isArray(range) || typeof range[0] !== 'number' || typeof range[1] !== 'number') return undefined;
  const [from, to] = Array.isArray(domain) ? domain : [0, 1];
  return { low: range[0], high: range[1], log: axis.type === 'log', domain: [from, to] };
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function recordOr(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
