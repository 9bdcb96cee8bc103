import type { PlotlyLayout } from 'plotly.js-cartesian-dist-min';
import type { Axis, Scale } from '../painter/scale.ts';

export type VerticalName = 'y' | 'y2';

export const VERTICAL_AXES = { y: 'yaxis', y2: 'yaxis2' } as const;

/** The horizontal and a vertical axis of a chart on the page. */
export interface PlotScales {
  across: Scale;
  down: Scale;
}

/** Reads the current range, which Plotly writes back into the layout (as powers of ten for a log axis). */
export function axisOf(given: unknown): Axis | undefined {
  const { range, type } = recordOr(given);
  if (!Array.isArray(range) || typeof range[0] !== 'number' || typeof range[1] !== 'number') return undefined;
  return { spread: type === 'log' ? 'log' : 'linear', low: range[0], high: range[1] };
}

/**
 * The places of a chart's axes; the vertical axis may use a part of the chart's height. Undefined without ranges.
 * @param layout with `width`, `height` and fixed margins
 */
export function scalesOf(layout: PlotlyLayout, name: VerticalName): PlotScales | undefined {
  const whole = wholeScales(layout);
  const given = recordOr(layout[VERTICAL_AXES[name]]);
  const axis = axisOf(given);
  if (!whole || !axis) return undefined;
  const [from, to] = Array.isArray(given.domain) ? given.domain : [0, 1];
  const rise = whole.down.end - whole.down.start;
  const { start } = whole.down;
  return { across: whole.across, down: { ...axis, start: start + from * rise, end: start + to * rise } };
}

/** The horizontal axis over all of the chart's height, whose shares are the vertical values. */
export function wholeScales(layout: PlotlyLayout): PlotScales | undefined {
  const axis = axisOf(layout.xaxis);
  if (!axis) return undefined;
  const { l, r, t, b } = recordOr(layout.margin);
  return {
    across: { ...axis, start: numberOr(l, 0), end: numberOr(layout.width, 0) - numberOr(r, 0) },
    down: {
      spread: 'linear',
      low: 0,
      high: 1,
      start: numberOr(layout.height, 0) - numberOr(b, 0),
      end: numberOr(t, 0),
    },
  };
}

/** The size of a chart's canvas, and the font of its texts. */
export function sheetOf(layout: PlotlyLayout): { width: number; height: number; family: string } {
  return {
    width: numberOr(layout.width, 0),
    height: numberOr(layout.height, 0),
    family: String(recordOr(layout.font).family ?? 'sans-serif'),
  };
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
