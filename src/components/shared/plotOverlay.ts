import type { PlotlyLayout } from 'plotly.js-cartesian-dist-min';
import type { Field, Mark, Picture } from '../painter/picture.ts';
import type { CurveValues } from '../painter/tracePath.ts';
import { scalesOf, sheetOf, type VerticalName, wholeScales } from './plotScales.ts';

/** A line in the chart's own units. */
export interface OverlayLine extends CurveValues {
  axis: VerticalName;
  color: string;
  width: number;
}

/** Content that changes faster than a chart can be laid out: the newest ends of its curves and the moment's cursor. */
export interface Overlay {
  lines: readonly OverlayLine[];
  /** A vertical line at this x. */
  cursor?: { x: number; color: string };
}

export interface OverlaySource {
  read(): Overlay;
  subscribe(listener: () => void): () => void;
}

/** The overlay as a picture over a chart. The layout is Plotly's completed one, with ranges and fixed margins. */
export function overlayPicture({ lines, cursor }: Overlay, layout: PlotlyLayout): Picture {
  const fields: Field[] = [];
  for (const name of ['y', 'y2'] as const) {
    const place = scalesOf(layout, name);
    const own = lines.filter(({ axis }) => axis === name);
    if (!place || own.length === 0) continue;
    const marks = own.map((line): Mark => ({ ...line, kind: 'curve', isClipped: true }));
    fields.push({ ...place, marks });
  }
  const whole = wholeScales(layout);
  if (whole && cursor) {
    fields.push({ ...whole, marks: [{ kind: 'moment', at: cursor.x, color: cursor.color, width: 1.5 }] });
  }
  return { ...sheetOf(layout), fields };
}
