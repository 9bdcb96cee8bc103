import type { PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import { type GeometryResults, resultAt } from '../../lab/geometry/geometryFinding.ts';
import { type Figure, figureOf, type MeasureId, type RadiusKind } from './measures.ts';

interface ShownFigures {
  results: GeometryResults;
  /** In the network's order. */
  layers: readonly string[];
  measure: MeasureId;
  radius: RadiusKind;
  /** Number of image redraws behind the intervals. */
  resamples: number;
}

interface LayerFigure {
  layer: string;
  figure: Figure;
}

/** The known figures of a measure at one step, in the layers' order. */
export function figuresOverLayers(
  { results, layers, measure, radius, resamples }: ShownFigures,
  step: number,
): LayerFigure[] {
  return layers.flatMap((layer) => {
    const result = resultAt(results, layer, step);
    return result ? [{ layer, figure: figureOf(result, { measure, radius }, resamples) }] : [];
  });
}

interface LineLook {
  name: string;
  color: string;
  width: number;
  dash: string;
  marker: { size: number; symbol?: string };
  /** Width of the caps of the error bars. */
  cap: number;
  /** Significant digits of the values that hovering shows. */
  digits: number;
}

/** A line over the layers with error bars; nothing while no figure is known. */
export function lineOverLayers(
  known: readonly LayerFigure[],
  { name, color, width, dash, marker, cap, digits }: LineLook,
): PlotlyTrace[] {
  if (known.length === 0) return [];
  return [
    {
      type: 'scatter',
      mode: 'lines+markers',
      name,
      x: known.map(({ layer }) => layer),
      y: known.map(({ figure }) => figure.value),
      error_y: {
        type: 'data',
        array: known.map(({ figure }) => figure.margin ?? 0),
        color,
        thickness: 1,
        width: cap,
      },
      line: { color, width, dash },
      marker: { color, ...marker },
      hovertemplate: `%{y:.${digits}~g} ${name}<extra></extra>`,
    },
  ];
}

/** The axis of the layers' names. */
export function layersAxis(layers: readonly string[]) {
  return {
    type: 'category',
    range: [-0.3, layers.length - 0.7],
    tickvals: [...layers],
    // Without this, the axis would keep the range of another network's layers.
    uirevision: layers.join(),
  };
}
