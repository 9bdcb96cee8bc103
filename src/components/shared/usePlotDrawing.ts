import type { PlotlyElement, PlotlyLayout, PlotlyPoint, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { drawing } from '../drawing/drawing.ts';
import { paint } from '../painter/paint.ts';
import { sketchPicture } from './chartSketch.ts';
import { useColors } from './colors.ts';
import { drawInView } from './drawInView.ts';
import { themedLayout } from './plotTheme.ts';
import { settledLayout } from './settledLayout.ts';
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

/** Milliseconds without a further change after which Plotly draws what a drag has changed in training. */
const REST = 300;

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
  /** What Plotly shows, and whether it has yet to draw what a person has changed. */
  const shown = useRef<readonly unknown[]>([]);
  const isOwed = useRef(false);
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
        paint(sketch.current, sketchPicture(traces, settled), { isFitted: true });
        setDrawn(false);
        setIsOutdated(false);
        shown.current = [];
        repaint.current();
      });
    }
    if (!plotly) return;
    const wanted = [traces, layout, colors, width, height];
    const standing = standingOf(wanted, shown.current, waits && !isOwed.current && !drawing.isHand);
    setIsOutdated(standing === 'outdated');
    if (standing !== 'due') return;
    isOwed.current = waits;
    const draw = async () => {
      isOwed.current = false;
      shown.current = wanted;
      const chart = await drawFigure({ plotly, element, figure, callbacks, repaint }, traces, themed);
      // A sketch or a newer drawing may have come before Plotly was ready.
      if (shown.current !== wanted) return;
      layoutShown.current = () => chart.layout;
      setDrawn(true);
      repaint.current();
    };
    return afterRest(waits && here ? REST : 0, () => drawInView({ element: here }, draw));
  }, [plotly, asSketch, isLive, waits, traces, layout, colors, width, height, callbacks]);

  usePurge({ plotly, chart, figure });
  return { frame, chart, sketch, figure, layoutShown, repaint, drawn, isOutdated };
}

/**
 * Whether Plotly has to draw a figure: its traces, its layout, then its colors and sizes. Plotly's drawings take tens of
 * milliseconds each, which training would have to wait for; so what training changes waits. What a person does, such as choosing
 * an axis, is drawn as soon as the hand rests: in a drag, every drawing would cost frames.
 */
function standingOf(
  wanted: readonly unknown[],
  shown: readonly unknown[],
  waits: boolean,
): 'drawn' | 'outdated' | 'due' {
  const isShown = wanted.map((part, i) => part === shown[i]);
  if (isShown.every(Boolean)) return 'drawn';
  return waits && isShown.slice(2).every(Boolean) ? 'outdated' : 'due';
}

/**
 * Starts a drawing after a time, or at once for paper, unless the returned function is called before, which also stops a
 * started drawing.
 */
function afterRest(milliseconds: number, start: () => () => void): () => void {
  if (milliseconds === 0 || drawing.isPrinting) return start();
  let stop: (() => void) | undefined;
  const timer = setTimeout(() => {
    stop = start();
  }, milliseconds);
  return () => {
    clearTimeout(timer);
    stop?.();
  };
}

interface FigureParts {
  plotly: Plotly;
  element: HTMLDivElement;
  figure: RefObject<PlotlyElement | undefined>;
  callbacks: RefObject<PlotCallbacks>;
  repaint: RefObject<() => void>;
}

/** Draws a figure by Plotly, and listens to the chart after its first drawing. */
async function drawFigure(
  { plotly, element, figure, callbacks, repaint }: FigureParts,
  traces: PlotlyTrace[],
  layout: PlotlyLayout,
): Promise<PlotlyElement> {
  const fresh = !element.classList.contains('js-plotly-plot');
  // A double click returns to the first ranges; a chart that reports its zoom reports the end of the zoom.
  const doubleClick = callbacks.current.onZoom === undefined ? 'reset' : 'autosize';
  const chart = await plotly.react(
    element,
    traces,
    { dragmode: dragMode(), ...layout },
    { ...config, doubleClick },
  );
  figure.current = chart;
  if (fresh) listen(chart, callbacks, repaint);
  return chart;
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
