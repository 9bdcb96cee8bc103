import type { PlotlyElement, PlotlyLayout, PlotlyPoint, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { drawing } from '../drawing/drawing.ts';
import { canSketch, settledLayout, sketchChart } from './chartSketch.ts';
import { useColors } from './colors.ts';
import { drawInView } from './drawInView.ts';
import { formatCount, formatValue } from './format.ts';
import { loadPlotly } from './loadPlotly.ts';
import { ErrorNotice } from './Notice.tsx';
import styles from './Plot.module.css';
import { pageTouched } from './pageTouched.ts';
import { type OverlaySource, paintOverlay } from './plotOverlay.ts';
import { themedLayout } from './plotTheme.ts';
import { usePlotlyPace } from './usePlotlyPace.ts';
import './plotly.css';

interface PlotProps {
  /** Name of the chart for screen readers. */
  label: string;
  /** The current content in one sentence, for screen readers. */
  summary: string;
  /** Give new arrays when values change; take colors from `useColors()`. */
  traces: PlotlyTrace[];
  layout?: PlotlyLayout;
  height: number;
  /** Content that changes too fast for a new layout, drawn over the chart every frame. Needs fixed margins. */
  overlay?: OverlaySource;
  /** The trace whose points the arrow keys visit. */
  keyboardTrace?: number;
  /** Shows the reading nearest to this x, because a person points there in another chart of the same axis. */
  hoverAt?: number;
  onHover?: (points: PlotlyPoint[] | undefined) => void;
  onSelect?: (points: PlotlyPoint[]) => void;
  /** Called with the visible x range after a zoom, or with undefined when the whole range is shown again. */
  onZoom?: (range: [number, number] | undefined) => void;
  /**
   * Whether the chart is at rest. A sketch is then enough until a person first touches the page. While it is not at rest, the
   * sketch shows it except where a person points at it or has the focus in it. Undefined: Plotly draws it always.
   */
  atRest?: boolean;
}

type Plotly = Awaited<ReturnType<typeof loadPlotly>>;

const plain: PlotlyLayout = {};
const config = { displayModeBar: false, showTips: false, responsive: false };

/**
 * A Plotly chart in the page's theme. Plotly is loaded when needed, and a sketch takes its place until then and while
 * training changes the chart.
 */
export function Plot(props: PlotProps) {
  const {
    label,
    summary,
    traces,
    layout = plain,
    height,
    keyboardTrace = 0,
    hoverAt,
    overlay,
    atRest,
  } = props;
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<HTMLDivElement>(null);
  const ink = useRef<HTMLCanvasElement>(null);
  const sketch = useRef<HTMLCanvasElement>(null);
  const figure = useRef<PlotlyElement>(undefined);
  /** Reads the layout of what is shown: Plotly changes its own in a zoom. */
  const layoutShown = useRef<() => PlotlyLayout | undefined>(() => undefined);
  const repaint = useRef<() => void>(() => {});
  const callbacks = useRef(props);
  const sketched = canSketch(traces);
  const [attended, setAttended] = useState(false);
  const [drawn, setDrawn] = useState(false);
  const { plotly, failure, retry } = usePlotly({ sketched, atRest, attended });
  const pace = usePlotlyPace(attended);
  const asSketch = sketched && !(plotly && (atRest !== false || attended));
  const width = useWidth(frame);
  const colors = useColors();
  const hint = useId();

  useLayoutEffect(() => {
    callbacks.current = props;
  });

  useEffect(() => {
    const element = chart.current;
    if (!element || width === 0) return;
    const themed = {
      ...themedLayout(layout, colors, getComputedStyle(element).fontFamily),
      width,
      height,
    };
    // The first drawing comes out of view too, for paper.
    const here = layoutShown.current() ? (frame.current ?? undefined) : undefined;
    if (asSketch) {
      return drawInView({ element: here }, () => {
        if (!sketch.current) return;
        const settled = settledLayout(traces, themed);
        layoutShown.current = () => settled;
        sketchChart(sketch.current, traces, settled);
        setDrawn(false);
        repaint.current();
      });
    }
    if (!plotly) return;
    return drawInView(pace.options(here), async () => {
      const began = performance.now();
      const fresh = !element.classList.contains('js-plotly-plot');
      const reacting = plotly.react(
        element,
        traces,
        { dragmode: dragMode(), ...themed },
        // A chart with `onZoom` reports the end of its zoom; the others return to their first ranges.
        { ...config, doubleClick: callbacks.current.onZoom ? 'autosize' : 'reset' },
      );
      // Plotly has drawn when it returns; what it promises are fonts and the like.
      pace.drew(began);
      const chart = await reacting;
      figure.current = chart;
      layoutShown.current = () => chart.layout;
      setDrawn(true);
      repaint.current();
      if (fresh) listen(chart, callbacks, repaint);
    });
  }, [plotly, pace, asSketch, traces, layout, colors, width, height]);

  useOverlay({ overlay, frame, ink, layoutShown, repaint });

  useEffect(() => {
    const element = chart.current;
    return () => {
      figure.current = undefined;
      if (plotly && element) plotly.purge(element);
    };
  }, [plotly]);

  useEffect(() => {
    const element = figure.current;
    if (!plotly || !element || hoverAt === undefined) return;
    const pointNumber = nearest(traces[keyboardTrace]?.x, hoverAt);
    if (pointNumber === undefined) return;
    plotly.Fx.hover(element, [{ curveNumber: keyboardTrace, pointNumber }]);
    return () => plotly.Fx.unhover(element);
  }, [plotly, traces, keyboardTrace, hoverAt]);

  const { visit, spoken } = usePointVisits({ traces, keyboardTrace, plotly, figure });

  return (
    <>
      <div ref={frame} className={styles.frame} style={{ height }}>
        <div
          className={styles.keyboard}
          role="application"
          aria-roledescription="chart"
          aria-label={label}
          aria-describedby={hint}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys visit the chart's points
          tabIndex={0}
          onKeyDown={visit}
          onPointerEnter={() => setAttended(true)}
          onPointerLeave={() => setAttended(false)}
          onFocus={() => setAttended(true)}
          onBlur={() => setAttended(false)}
        >
          {sketched && (asSketch || !drawn) && <canvas ref={sketch} className={styles.ink} />}
          {overlay && <canvas ref={ink} className={styles.ink} />}
          <div
            ref={chart}
            className={`${styles.chart} ${asSketch && !drawn ? styles.covered : ''}`}
            aria-hidden="true"
          />
        </div>
        {!plotly && !sketched && <div className={styles.waiting} aria-hidden="true" />}
        <p id={hint} className="visually-hidden">
          {summary} Left and right arrows read the points.
        </p>
        <p className="visually-hidden" role="status">
          {spoken}
        </p>
      </div>
      {failure && <ErrorNotice message={failure} onRetry={retry} />}
    </>
  );
}

interface VisitParts {
  traces: PlotlyTrace[];
  keyboardTrace: number;
  plotly?: Plotly;
  figure: RefObject<PlotlyElement | undefined>;
}

/** The arrow keys visit the points of a trace; `spoken` is the reading of the last one. */
function usePointVisits({ traces, keyboardTrace, plotly, figure }: VisitParts) {
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

interface OverlayParts {
  overlay?: OverlaySource;
  frame: RefObject<HTMLElement | null>;
  ink: RefObject<HTMLCanvasElement | null>;
  layoutShown: RefObject<() => PlotlyLayout | undefined>;
  /** Set to a function that draws the overlay again. */
  repaint: RefObject<() => void>;
}

/** Keeps the overlay drawn over the chart. */
function useOverlay({ overlay, frame, ink, layoutShown, repaint }: OverlayParts): void {
  useEffect(() => {
    if (!overlay) return;
    const paint = () => {
      const layout = layoutShown.current();
      if (ink.current && layout) paintOverlay(ink.current, overlay.read(), layout);
    };
    const drawer = drawing.add(paint, { element: frame.current ?? undefined });
    repaint.current = drawer.request;
    drawer.request();
    const unsubscribe = overlay.subscribe(drawer.request);
    return () => {
      unsubscribe();
      drawer.remove();
      repaint.current = () => {};
    };
  }, [overlay, frame, ink, layoutShown, repaint]);
}

/** The width of an element in whole pixels; 0 until measured. */
function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

/** The point that a key moves to; undefined for keys that do not move. */
function pointAfter(
  { key, altKey, ctrlKey, metaKey }: KeyboardEvent,
  cursor: number,
  points: number,
): number | undefined {
  const moves: Record<string, number> = {
    ArrowLeft: cursor - 1,
    ArrowRight: cursor + 1,
    PageUp: cursor + 20,
    PageDown: cursor - 20,
    Home: 0,
    End: points - 1,
  };
  if (!(key in moves) || altKey || ctrlKey || metaKey) return undefined;
  return Math.min(points - 1, Math.max(0, moves[key]));
}

interface PlotlyNeed {
  sketched: boolean;
  atRest?: boolean;
  attended: boolean;
}

/** Plotly, loaded when the sketch is not enough: not in the first moments of training, which has the processor for itself. */
function usePlotly({ sketched, atRest, attended }: PlotlyNeed): {
  plotly?: Plotly;
  failure?: string;
  retry: () => void;
} {
  const [plotly, setPlotly] = useState<Plotly>();
  const [failure, setFailure] = useState<string>();
  const [attempt, setAttempt] = useState(0);
  const [hasChanged, setHasChanged] = useState(false);
  if (atRest === false && !hasChanged) setHasChanged(true);
  const isLive = sketched && atRest === false && !attended;
  const wanted = !sketched || atRest === undefined || attended || hasChanged;
  useEffect(() => {
    if (isLive) return;
    let gone = false;
    setFailure(undefined);
    (wanted ? loadPlotly() : pageTouched.then(loadPlotly)).then(
      (module) => !gone && setPlotly(() => module),
      () => !gone && setFailure(`The chart library did not load (attempt ${attempt + 1}). Are you offline?`),
    );
    return () => {
      gone = true;
    };
  }, [isLive, wanted, attempt]);
  return { plotly, failure, retry: () => setAttempt(attempt + 1) };
}

// On touch screens a drag scrolls the page instead of zooming.
function dragMode(): 'zoom' | false {
  return window.matchMedia('(pointer: coarse)').matches ? false : 'zoom';
}

function listen(
  element: PlotlyElement,
  callbacks: { current: PlotProps },
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

function nearest(values: ArrayLike<number | string> | undefined, x: number): number | undefined {
  let best: number | undefined;
  let distance = Number.POSITIVE_INFINITY;
  for (let i = 0; i < (values?.length ?? 0); i++) {
    const away = Math.abs(Number(values?.[i]) - x);
    if (away < distance) {
      distance = away;
      best = i;
    }
  }
  return best;
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
