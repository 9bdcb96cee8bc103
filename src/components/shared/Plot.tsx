import type { PlotlyElement, PlotlyLayout, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { type RefObject, useEffect, useId, useState } from 'react';
import { useLab } from '../context/LabContext.tsx';
import { canSketch } from './chartSketch.ts';
import { ErrorNotice } from './Notice.tsx';
import { OutdatedMark } from './OutdatedMark.tsx';
import styles from './Plot.module.css';
import type { OverlaySource } from './plotOverlay.ts';
import { type PlotCallbacks, usePlotDrawing } from './usePlotDrawing.ts';
import { type Plotly, usePlotly } from './usePlotly.ts';
import { usePlotOverlay } from './usePlotOverlay.ts';
import { usePointed } from './usePointed.ts';
import { usePointVisits } from './usePointVisits.ts';
import './plotly.css';

interface PlotProps extends PlotCallbacks {
  /** Name of the chart for screen readers. */
  label: string;
  /** The current content in one sentence, for screen readers. */
  summary: string;
  /** Give new arrays when values change; take colors from `useColors()`. */
  traces: PlotlyTrace[];
  layout: PlotlyLayout;
  height: number;
  /** Content that changes too fast for a new layout, drawn over the chart every frame. Needs fixed margins. */
  overlay?: OverlaySource;
  /** The trace whose points the arrow keys visit. */
  keyboardTrace?: number;
  /** Shows the reading nearest to this x, because a person points there in another chart of the same axis. */
  hoverAt?: number;
  /**
   * Whether the chart is at rest; a sketch is then enough until a person first touches the page. Undefined: at rest except in
   * training. While a chart is not at rest, Plotly draws it only where a person points at it or has the focus in it; otherwise
   * its sketch shows it, or it waits and says so.
   */
  atRest?: boolean;
}

/**
 * A Plotly chart in the page's theme. Plotly is loaded when needed, and a sketch takes its place until then and while
 * training changes the chart. A chart that the sketch cannot draw waits for a pause.
 */
export function Plot(props: PlotProps) {
  const { traces, layout, height, keyboardTrace = 0, hoverAt, overlay, atRest } = props;
  const sketched = canSketch(traces);
  const isTraining = useLab(({ status }) => status === 'training');
  const isLive = atRest === undefined ? isTraining : !atRest;
  const { attended, attending } = useAttention();
  const { plotly, failure, retry } = usePlotly({ sketched, canWait: atRest !== undefined, isLive, attended });
  const asSketch = sketched && (!plotly || (isLive && !attended));
  const parts = {
    traces,
    layout,
    height,
    plotly,
    asSketch,
    isLive,
    attended,
    followsTraining: atRest !== undefined,
    callbacks: props,
  };
  const { frame, chart, sketch, figure, layoutShown, repaint, drawn, isOutdated } = usePlotDrawing(parts);
  const ink = usePlotOverlay({ overlay, frame, layoutShown, repaint });
  useHoverAt({ traces, keyboardTrace, hoverAt, plotly, figure });
  const { visit, spoken } = usePointVisits({ traces, keyboardTrace, plotly, figure });
  // An attribute: Plotly adds a class to the chart, which React would remove with a class of its own.
  const isCovered = (sketched && !drawn) || undefined;
  const hint = useId();

  return (
    <>
      <div ref={frame} className={styles.frame} style={{ height }}>
        <div
          className={styles.keyboard}
          role="application"
          aria-roledescription="chart"
          aria-label={props.label}
          aria-describedby={hint}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys visit the chart's points
          tabIndex={0}
          onKeyDown={visit}
          {...attending}
        >
          {sketched && <canvas ref={sketch} className={styles.ink} data-covered={drawn || undefined} />}
          {overlay && <canvas ref={ink} className={styles.ink} />}
          <div ref={chart} className={styles.chart} data-covered={isCovered} aria-hidden="true" />
        </div>
        {isOutdated && <OutdatedMark />}
        {!plotly && !sketched && <div className={styles.waiting} aria-hidden="true" />}
        {/* Hidden, the description still describes the chart, and a new one lays out nothing. */}
        <p id={hint} hidden>
          {props.summary} Left and right arrows read the points.
        </p>
        <p className="visually-hidden" role="status">
          {spoken}
        </p>
      </div>
      {failure && <ErrorNotice message={failure} onRetry={retry} />}
    </>
  );
}

/** Whether a person points at the chart or has the focus in it, and the handlers that notice. */
function useAttention() {
  const [attended, setAttended] = useState(false);
  const attending = {
    ...usePointed(setAttended),
    onFocus: () => setAttended(true),
    onBlur: () => setAttended(false),
  };
  return { attended, attending };
}

interface HoverParts {
  traces: PlotlyTrace[];
  keyboardTrace: number;
  hoverAt?: number;
  plotly?: Plotly;
  figure: RefObject<PlotlyElement | undefined>;
}

/** Shows the reading nearest to an x, which a person points at in another chart. */
function useHoverAt({ traces, keyboardTrace, hoverAt, plotly, figure }: HoverParts): void {
  useEffect(() => {
    const element = figure.current;
    if (!plotly || !element || hoverAt === undefined) return;
    const pointNumber = nearest(traces[keyboardTrace]?.x, hoverAt);
    if (pointNumber === undefined) return;
    plotly.Fx.hover(element, [{ curveNumber: keyboardTrace, pointNumber }]);
    return () => plotly.Fx.unhover(element);
  }, [plotly, figure, traces, keyboardTrace, hoverAt]);
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
