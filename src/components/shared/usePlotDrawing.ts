import type { PlotlyElement, PlotlyLayout, PlotlyPoint, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { isScrubbed } from '../drawing/dragged.ts';
import { drawing } from '../drawing/drawing.ts';
import { paint } from '../painter/paint.ts';
import { sketchPicture } from './chartSketch.ts';
import { type Colors, useColors } from './colors.ts';
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
  /** Whether the chart is a sketch from training's first step on; otherwise Plotly's drawing serves until the chart changes. */
  followsTraining: boolean;
  callbacks: PlotCallbacks;
}

/** Milliseconds without a further change after which Plotly draws what a drag has changed. */
const REST = 300;

const config = { displayModeBar: false, showTips: false, responsive: false };

/** Draws a chart, by Plotly or as a sketch. Returns the elements to place, and what is drawn in them. */
export function usePlotDrawing(parts: PlotParts) {
  const { traces, layout, height, plotly, asSketch, isLive, attended, followsTraining } = parts;
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
    const wanted = [traces, layout, colors, width, height];
    const themed = () => themedIn(element, { layout, colors, width, height });
    // The first drawing happens out of view too, so that a printed page has it.
    const here = layoutShown.current() ? (frame.current ?? undefined) : undefined;
    if (asSketch) {
      if (!followsTraining && standingOf(wanted, shown.current, false) === 'drawn') return;
      return drawInView({ element: here, inTurn: !isLive }, () => {
        const settled = settledLayout(traces, themed());
        if (sketch.current) paint(sketch.current, sketchPicture(traces, settled), { isFitted: true });
        layoutShown.current = () => settled;
        setDrawn(false);
        setIsOutdated(false);
        shown.current = [];
        repaint.current();
      });
    }
    if (!plotly) return;
    const standing = standingOf(wanted, shown.current, waits && !isOwed.current && !drawing.isHand);
    setIsOutdated(standing === 'outdated');
    if (standing !== 'due') return;
    isOwed.current = waits;
    const draw = async () => {
      isOwed.current = false;
      shown.current = wanted;
      const chart = await drawFigure({ plotly, element, figure, callbacks, repaint }, traces, themed());
      // A sketch or a newer drawing may have come before Plotly was ready.
      if (shown.current !== wanted) return;
      layoutShown.current = () => chart.layout;
      setDrawn(true);
      repaint.current();
    };
    return afterRest((waits || isScrubbed()) && here ? REST : 0, () => drawInView({ element: here }, draw));
  }, [plotly, asSketch, isLive, waits, followsTraining, traces, layout, colors, width, height, callbacks]);

  useRelease({ plotly, chart, figure, sketch, drawn });
  return { frame, chart, sketch, figure, layoutShown, repaint, drawn, isOutdated };
}

/**
 * Whether Plotly has to draw a figure: its traces, its layout, then its colors and sizes. Plotly's drawings take tens of
 * milliseconds each, which training would have to wait for; so what training changes waits. What a person does, such as choosing
 * an axis, is drawn as soon as the hand rests: in a drag, every drawing would cost frames.
 */
export function standingOf(
  wanted: readonly unknown[],
  shown: readonly unknown[],
  waits: boolean,
): 'drawn' | 'outdated' | 'due' {
  const isShown = wanted.map((part, i) => part === shown[i]);
  if (isShown.every(Boolean)) return 'drawn';
  return waits && isShown.slice(2).every(Boolean) ? 'outdated' : 'due';
}

/**
 * Starts a drawing after a time and after the timeline's drag, or at once for paper, unless the returned function is called before,
 * which also stops a started drawing.
 */
function afterRest(milliseconds: number, start: () => () => void): () => void {
  if (milliseconds === 0 || drawing.isPrinting) return start();
  let stop = later();
  return () => stop();

  function later(): () => void {
    const timer = setTimeout(() => {
      stop = isScrubbed() ? later() : start();
    }, milliseconds);
    return () => clearTimeout(timer);
  }
}

/** The layout in the look of an element; read at the drawing only, because reading a style can cost a computation of all styles. */
function themedIn(element: HTMLElement, { layout, colors, width, height }: ThemedParts): PlotlyLayout {
  return { ...themedLayout(layout, colors, getComputedStyle(element).fontFamily), width, height };
}

interface ThemedParts {
  layout: PlotlyLayout;
  colors: Colors;
  width: number;
  height: number;
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

interface HeldParts {
  plotly?: Plotly;
  chart: RefObject<HTMLDivElement | null>;
  figure: RefObject<PlotlyElement | undefined>;
  sketch: RefObject<HTMLCanvasElement | null>;
  drawn: boolean;
}

/** Frees what Plotly holds for an element when the chart goes, and the memory of a sketch while Plotly's drawing covers it. */
function useRelease({ plotly, chart, figure, sketch, drawn }: HeldParts): void {
  useEffect(() => {
    const element = chart.current;
    return () => {
      figure.current = undefined;
      if (plotly && element) plotly.purge(element);
    };
  }, [plotly, chart, figure]);
  useEffect(() => {
    const canvas = sketch.current;
    if (!canvas || !drawn) return;
    canvas.width = 1;
    canvas.height = 1;
  }, [sketch, drawn]);
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
