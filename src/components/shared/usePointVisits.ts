import type { PlotlyElement, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { type KeyboardEvent, type RefObject, useRef, useState } from 'react';
import { formatCount, formatValue } from './format.ts';
import { moveOf } from './moveOf.ts';
import type { Plotly } from './usePlotly.ts';

interface VisitParts {
  traces: PlotlyTrace[];
  keyboardTrace: number;
  plotly?: Plotly;
  figure: RefObject<PlotlyElement | undefined>;
}

/** The arrow keys visit the points of a trace; `spoken` is the reading of the last one. */
export function usePointVisits({ traces, keyboardTrace, plotly, figure }: VisitParts) {
  const cursor = useRef(-1);
  const [spoken, setSpoken] = useState('');
  const visit = (event: KeyboardEvent) => {
    const points = traces[keyboardTrace]?.x?.length ?? 0;
    // The points of a sketch can be read too.
    const element = figure.current;
    if (points === 0) return;
    if (event.key === 'Escape') {
      if (element) plotly?.Fx.unhover(element);
      return;
    }
    const next = pointAfter(event, cursor.current, points);
    if (next === undefined) return;
    event.preventDefault();
    cursor.current = next;
    if (element) plotly?.Fx.hover(element, [{ curveNumber: keyboardTrace, pointNumber: cursor.current }]);
    setSpoken(spokenAt(traces, traces[keyboardTrace].x?.[cursor.current]));
  };
  return { visit, spoken };
}

/** The point that a key moves to; undefined for keys that do not move. */
function pointAfter(event: KeyboardEvent, cursor: number, points: number): number | undefined {
  const next = moveOf(event, {
    ArrowLeft: cursor - 1,
    ArrowRight: cursor + 1,
    PageUp: cursor + 20,
    PageDown: cursor - 20,
    Home: 0,
    End: points - 1,
  });
  return next === undefined ? undefined : Math.min(points - 1, Math.max(0, next));
}

/** Every trace's reading at this x. Plotly sends no event for a hover started from the keyboard. */
function spokenAt(traces: PlotlyTrace[], x: number | string | undefined): string {
  if (x === undefined) return '';
  const readings = traces.flatMap((trace) => {
    const place = trace.x && trace.hoverinfo !== 'skip' ? Array.prototype.indexOf.call(trace.x, x) : -1;
    if (place < 0) return [];
    const text = Array.isArray(trace.text) ? trace.text[place] : undefined;
    const y = trace.y?.[place];
    const value = text ?? (typeof y === 'number' ? formatValue(y) : y);
    return [`${trace.name ?? ''} ${value}`.trim()];
  });
  return `${typeof x === 'number' ? formatCount(x) : x}: ${readings.join(', ')}`;
}
