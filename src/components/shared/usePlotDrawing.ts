import type { PlotlyElement, PlotlyLayout, PlotlyPoint, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { drawing } from '../drawing/drawing.ts';
import { settledLayout, sketchChart } from './chartSketch.ts';
import { useColors } from './colors.ts';
import { drawInView } from './drawInView.ts';
import { themedLayout } from './plotTheme.ts';
import { useLatest } from './useLatest.ts';
import type { Plotly } from './usePlotly.ts';
import { useWidth } from './useWidth.ts';

/** What a person does with a chart. */
export interface PlotCallbacks {
  onHover?: (points: PlotlyPoint[] | undefined) => void;
  onSelect?: (points: PlotlyPoint[]) => void;
  /** Called with the visible x range after a zoom, or with undefined when the whole range is shown again. */
  onZoom?: (range: [number, number] | undefined) => void;
}

interface PlotParts {
  traces: PlotlyTrace[];
  layout: PlotlyLayout;
  height: number;
  plotly?: Plotly;
  asSketch: boolean;
  /** Whether training changes the chart now. */
  isLive: boolean;
  attended: boolean;
  callbacks: PlotCallbacks;
}

const config = { displayModeBar: false, showTips: false, responsive: false };

/** Draws a chart, by Plotly or as a sketch. Returns the elements to place, and what is drawn in them. */
export function usePlotDrawing(parts: PlotParts) {
  const { traces, layout, height, plotly, asSketch, isLive, attended } = parts;
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<HTMLDivElement>(null);
  const sketch = useRef<HTMLCanvasElement>(null);
  const figure = useRef<PlotlyElement>(undefined);
  /** Reads the layout of what is shown: Plotly changes its own in a zoom. */
  const layoutShown = useRef<() => PlotlyLayout | undefined>(() => undefined);
  /** Draws the overlay again. */
  const repaint = useRef<() => void>(() => {});
  const callbacks = useLatest(parts.callbacks);
  const [drawn, setDrawn] = useState(false);
  const [isOutdated, setIsOutdated] = useState(false);
  /** What Plotly shows. */
  const shown = useRef<readonly unknown[]>([]);
  const waits = isLive && !attended && !asSketch;
  const width = useWidth(frame);
  const colors = useColors();

  useEffect(() => {
    const element = chart.current;
    if (!element || width === 0) return;
    const themed = { ...themedLayout(layout, colors, getComputedStyle(element).fontFamily), width, height };
    // The first drawing happens out of view too, so that a printed page has it.
    const here = layoutShown.current() ? (frame.current ?? undefined) : undefined;
    if (asSketch) {
      return drawInView({ element: here, inTurn: !isLive }, () => {
        if (!sketch.current) return;
        const settled = settledLayout(traces, themed);
        layoutShown.current = () => settled;
        sketchChart(sketch.current, traces, settled);
        setDrawn(false);
        setIsOutdated(false);
        shown.current = [];
        repaint.current();
      });
    }
    if (!plotly) return;
    const wanted = [traces, layout, colors, width, height];
    const standing = standingOf(wanted, shown.current, waits);
    setIsOutdated(standing === 'outdated');
    if (standing !== 'due') return;
    return drawInView({ element: here }, async () => {
      const fresh = !element.classList.contains('js-plotly-plot');
      const resets = callbacks.current.onZoom === undefined;
      shown.current = wanted;
      const chart = await react(plotly, element, { traces, layout: themed, resets });
      figure.current = chart;
      if (fresh) listen(chart, callbacks, repaint);
      // A sketch or a newer drawing may have come before Plotly was ready.
      if (shown.current !== wanted) return;
      layoutShown.current = () => chart.layout;
      setDrawn(true);
      repaint.current();
    });
  }, [plotly, asSketch, isLive, waits, traces, layout, colors, width, height, callbacks]);

  usePurge({ plotly, chart, figure });
  return { frame, chart, sketch, figure, layoutShown, repaint, drawn, isOutdated };
}

/**
 * Whether Plotly has to draw a figure: its traces, its layout, then its colors and sizes. Plotly's drawings take tens of
 * milliseconds each, which training would have to wait for; so what training changes waits. What a person does, such as choosing
 * an axis, is drawn at once.
 */
function standingOf(
  wanted: readonly unknown[],
  shown: readonly unknown[],
  waits: boolean,
): 'drawn' | 'outdated' | 'due' {
  const isShown = wanted.map((part, i) => part === shown[i]);
  if (isShown.every(Boolean)) return 'drawn';
  return waits && isShown.slice(2).every(Boolean) && !drawing.isHand ? 'outdated' : 'due';
}

interface Figure {
  traces: PlotlyTrace[];
  layout: PlotlyLayout;
  /** Whether a double click returns to the first ranges; a chart that reports its zoom reports the end of the zoom. */
  resets: boolean;
}

function react(plotly: Plotly, element: HTMLDivElement, { traces, layout, resets }: Figure) {
  return plotly.react(
    element,
    traces,
    { dragmode: dragMode(), ...layout },
    { ...config, doubleClick: resets ? 'reset' : 'autosize' },
  );
}

interface PurgeParts {
  plotly?: Plotly;
  chart: RefObject<HTMLDivElement | null>;
  figure: RefObject<PlotlyElement | undefined>;
}

/** Frees what Plotly holds for an element when the chart goes. */
function usePurge({ plotly, chart, figure }: PurgeParts): void {
  useEffect(() => {
    const element = chart.current;
    return () => {
      figure.current = undefined;
      if (plotly && element) plotly.purge(element);
    };
  }, [plotly, chart, figure]);
}

// On touch screens a drag scrolls the page instead of zooming.
function dragMode(): 'zoom' | false {
  return window.matchMedia('(pointer: coarse)').matches ? false : 'zoom';
}

function listen(
  element: PlotlyElement,
  callbacks: { current: PlotCallbacks },
  repaint: { current: () => void },
): void {
  element.on('plotly_hover', ({ points }) => callbacks.current.onHover?.(points));
  element.on('plotly_unhover', () => callbacks.current.onHover?.(undefined));
  element.on('plotly_click', ({ points }) => callbacks.current.onSelect?.(points));
  element.on('plotly_relayout', (changes) => {
    repaint.current();
    const low = changes['xaxis.range[0]'];
    const high = changes['xaxis.range[1]'];
    if (typeof low === 'number' && typeof high === 'number') callbacks.current.onZoom?.([low, high]);
    else if (changes['xaxis.autorange']) callbacks.current.onZoom?.(undefined);
  });
}
