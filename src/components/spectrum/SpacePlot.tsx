import type Plotly from 'plotly.js-cartesian-dist-min';
import type { PlotlyLayout, PlotlyPoint, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { type Colors, useColors } from '../shared/colors.ts';
import { drawInView } from '../shared/drawInView.ts';
import { loadPlotly } from '../shared/loadPlotly.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { themedLayout } from '../shared/plotTheme.ts';
import { SkeletonBlock } from '../shared/Skeleton.tsx';
import { usePlotlyPace } from '../shared/usePlotlyPace.ts';

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

/** A 3-D Plotly chart: drag to rotate, scroll to zoom. */
export function SpacePlot(props: SpacePlotProps) {
  const { label, traces, layout, height } = props;
  const chart = useRef<HTMLDivElement>(null);
  const callbacks = useRef(props);
  const [plotly, setPlotly] = useState<typeof Plotly>();
  const [failure, setFailure] = useState<string>();
  const [attempt, setAttempt] = useState(0);
  const [width, setWidth] = useState(0);
  const colors = useColors();

  useLayoutEffect(() => {
    callbacks.current = props;
  });

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

  const pace = usePlotlyPace();

  useEffect(() => {
    if (!chart.current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(chart.current);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = chart.current;
    if (!plotly || !element || width === 0) return;
    return drawInView(pace.options(element), async () => {
      const began = performance.now();
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
        setFailure('This browser draws no 3-D charts: they need WebGL. The 2-D chart shows the same images.');
      }
    });
  }, [plotly, pace, traces, layout, colors, width, height]);

  useEffect(() => {
    const element = chart.current;
    return () => {
      if (plotly && element) plotly.purge(element);
    };
  }, [plotly]);

  return (
    <div role="img" aria-label={label} style={{ minHeight: height }}>
      {failure && <ErrorNotice message={failure} onRetry={() => setAttempt(attempt + 1)} />}
      <div ref={chart} hidden={failure !== undefined}>
        {!plotly && <SkeletonBlock height={height} />}
      </div>
    </div>
  );
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
