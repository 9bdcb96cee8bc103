import type Plotly from 'plotly.js-cartesian-dist-min';
import type { PlotlyLayout, PlotlyPoint, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useLab } from '../context/LabContext.tsx';
import { drawing } from '../drawing/drawing.ts';
import { type Colors, useColors } from '../shared/colors.ts';
import { drawInView } from '../shared/drawInView.ts';
import { loadPlotly } from '../shared/loadPlotly.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { OutdatedMark } from '../shared/OutdatedMark.tsx';
import { themedLayout } from '../shared/plotTheme.ts';
import { SkeletonBlock } from '../shared/Skeleton.tsx';
import { useLatest } from '../shared/useLatest.ts';
import { standingOf } from '../shared/usePlotDrawing.ts';
import { usePlotlyPace } from '../shared/usePlotlyPace.ts';
import { usePointed } from '../shared/usePointed.ts';
import { useWidth } from '../shared/useWidth.ts';
import styles from './SpectrumPanel.module.css';

interface SpacePlotProps {
  label: string;
  traces: PlotlyTrace[];
  layout: PlotlyLayout;
  height: number;
  onHover: (points: PlotlyPoint[] | undefined) => void;
  onSelect: (points: PlotlyPoint[]) => void;
}

let loading: Promise<typeof Plotly> | undefined;

/** Loads Plotly's 3-D bundle on first use. */
function loadSpacePlotly(): Promise<typeof Plotly> {
  loading ??= loadPlotly()
    .then(() => import('plotly.js-gl3d-dist-min'))
    .then((module) => module.default)
    .catch((problem) => {
      loading = undefined;
      throw problem;
    });
  return loading;
}

/** A 3-D Plotly chart: drag to rotate, scroll to zoom. In training it waits for a pause, except where a person points at it. */
export function SpacePlot({ label, traces, layout, height, ...callbacks }: SpacePlotProps) {
  const chart = useRef<HTMLDivElement>(null);
  const { plotly, failure, setFailure, retry } = useSpacePlotly();
  const isTraining = useLab(({ status }) => status === 'training');
  const [isPointed, setIsPointed] = useState(false);
  const parts = { chart, plotly, traces, layout, height, callbacks, waits: isTraining && !isPointed };
  const isOutdated = useSpaceDrawing({ ...parts, onFailure: setFailure });
  return (
    <div
      role="img"
      aria-label={label}
      className={styles.space}
      style={{ minHeight: height }}
      {...usePointed(setIsPointed)}
    >
      {failure && <ErrorNotice message={failure} onRetry={retry} />}
      <div ref={chart} hidden={failure !== undefined}>
        {!plotly && <SkeletonBlock height={height} />}
      </div>
      {isOutdated && !failure && <OutdatedMark />}
    </div>
  );
}

/** Plotly with its 3-D charts, once loaded. */
function useSpacePlotly() {
  const [plotly, setPlotly] = useState<typeof Plotly>();
  const [failure, setFailure] = useState<string>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let gone = false;
    setFailure(undefined);
    loadSpacePlotly().then(
      (module) => !gone && setPlotly(() => module),
      () => !gone && setFailure(`The 3-D charts did not load (attempt ${attempt + 1}). Are you offline?`),
    );
    return () => {
      gone = true;
    };
  }, [attempt]);
  return { plotly, failure, setFailure, retry: () => setAttempt(attempt + 1) };
}

interface SpaceDrawing extends Pick<SpacePlotProps, 'traces' | 'layout' | 'height'> {
  chart: RefObject<HTMLDivElement | null>;
  plotly?: typeof Plotly;
  callbacks: Pick<SpacePlotProps, 'onHover' | 'onSelect'>;
  /** Whether changes wait. */
  waits: boolean;
  onFailure: (message: string) => void;
}

/**
 * Draws the chart within the drawing budget, and frees what Plotly holds when it goes. Returns whether the chart is
 * outdated.
 */
function useSpaceDrawing(parts: SpaceDrawing): boolean {
  const { chart, plotly, traces, layout, height, waits, onFailure } = parts;
  const callbacks = useLatest(parts.callbacks);
  const width = useWidth(chart);
  const colors = useColors();
  const pace = usePlotlyPace();
  const [isOutdated, setIsOutdated] = useState(false);
  const shown = useRef<readonly unknown[]>([]);

  useEffect(() => {
    const element = chart.current;
    if (!plotly || !element || width === 0) return;
    const wanted = [traces, layout, colors, width, height];
    const standing = standingOf(wanted, shown.current, waits && !drawing.isHand);
    setIsOutdated(standing === 'outdated');
    if (standing !== 'due') return;
    return drawInView(pace.options(element), async () => {
      const began = performance.now();
      shown.current = wanted;
      const themed = themedLayout(layout, colors, getComputedStyle(element).fontFamily);
      const fresh = !element.classList.contains('js-plotly-plot');
      const scene = themedScene(layout.scene, colors);
      try {
        const reacting = plotly.react(
          element,
          traces,
          { ...themed, scene, width, height },
          { displayModeBar: false, responsive: false },
        );
        pace.drew(began);
        const drawn = await reacting;
        if (!fresh) return;
        drawn.on('plotly_hover', ({ points }) => callbacks.current.onHover(points));
        drawn.on('plotly_unhover', () => callbacks.current.onHover(undefined));
        drawn.on('plotly_click', ({ points }) => callbacks.current.onSelect(points));
      } catch {
        // Retry draws the same chart again.
        shown.current = [];
        onFailure('This browser draws no 3-D charts: they need WebGL. The 2-D chart shows the same images.');
      }
    });
  }, [chart, plotly, pace, traces, layout, colors, width, height, waits, callbacks, onFailure]);

  useEffect(() => {
    const element = chart.current;
    return () => {
      if (plotly && element) plotly.purge(element);
    };
  }, [chart, plotly]);
  return isOutdated;
}

function themedScene(scene: unknown, colors: Colors): Record<string, unknown> {
  const given: Record<string, unknown> = typeof scene === 'object' && scene !== null ? { ...scene } : {};
  for (const name of ['xaxis', 'yaxis', 'zaxis']) {
    given[name] = {
      color: colors.muted,
      gridcolor: colors.line,
      zerolinecolor: colors['line-strong'],
      showspikes: false,
      ...(given[name] as object | undefined),
    };
  }
  return given;
}
