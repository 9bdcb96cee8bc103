import type { PlotlyLayout, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import type { EstimatorSettings } from '../../lab/geometry/estimators.ts';
import { type GeometryResults, resultAt } from '../../lab/geometry/geometryFinding.ts';
import type { Colors } from '../shared/colors.ts';
import { formatCount, formatValue } from '../shared/format.ts';
import { figureOf, type MeasureId, measures, type RadiusKind } from './measures.ts';
import { figuresOverLayers, layersAxis, lineOverLayers } from './overLayers.ts';

/** What the chart tells: the layers of one network, before training and after. */
export interface Story {
  results: GeometryResults;
  /** In the network's order. */
  layers: readonly string[];
  radius: RadiusKind;
  /** The estimator of all figures. */
  method: EstimatorSettings;
  resamples: number;
  /** The step called trained; 0 without training. */
  trained: number;
}

interface StoryLine {
  measure: MeasureId;
  axis: 'y' | 'y2';
  color: 'class-0' | 'class-1';
}

/** Capacity on the left axis, dimension on the right. */
const LINES: readonly StoryLine[] = [
  { measure: 'capacity', axis: 'y', color: 'class-0' },
  { measure: 'dimension', axis: 'y2', color: 'class-1' },
];

/** Whether the untrained network has figures of any layer besides the input, whose figures training leaves as they are. */
export function hasUntrained({ results, layers }: Pick<Story, 'results' | 'layers'>): boolean {
  return layers.some((layer) => layer !== 'input' && resultAt(results, layer, 0) !== undefined);
}

/** Capacity and dimension against the layers: solid when trained, dotted and hollow before. */
export function storyTraces(
  { results, layers, radius, resamples, trained }: Omit<Story, 'method'>,
  colors: Colors,
): PlotlyTrace[] {
  const moments = momentsOf(trained).filter((step) => step === trained || hasUntrained({ results, layers }));
  return LINES.flatMap(({ measure, axis, color }) =>
    moments.flatMap((step): PlotlyTrace[] => {
      const known = figuresOverLayers({ results, layers, measure, radius, resamples }, step);
      const isTrained = step > 0;
      const symbol = measure === 'capacity' ? 'circle' : 'square';
      const trace = lineOverLayers(known, {
        name: `${titleOf(measure)}, ${isTrained ? 'trained' : 'untrained'}`,
        color: colors[color],
        width: isTrained ? 3 : 1.5,
        dash: isTrained ? 'solid' : 'dot',
        marker: { size: 9, symbol: isTrained ? symbol : `${symbol}-open` },
        cap: 4,
        digits: 3,
      });
      return trace.map((line) => ({ ...line, yaxis: axis }));
    }),
  );
}

function momentsOf(trained: number): number[] {
  return trained > 0 ? [0, trained] : [0];
}

function titleOf(id: MeasureId): string {
  return measures.find((measure) => measure.id === id)?.title ?? id;
}

/** The chart's axes. @param title for a picture of its own, which also has a legend. */
export function storyLayout({ layers }: Pick<Story, 'layers'>, colors: Colors, title?: string): PlotlyLayout {
  const axis = (text: string, color: string) => ({
    title: { text, font: { size: 15, color } },
    tickfont: { size: 13, color },
    rangemode: 'tozero',
    nticks: 6,
  });
  return {
    margin: { l: 64, r: 64, t: title === undefined ? 12 : 84, b: title === undefined ? 60 : 48 },
    ...(title !== undefined && {
      title: { text: title, font: { size: 20, color: colors.ink }, x: 0.02, xanchor: 'left', y: 0.97 },
      showlegend: true,
      legend: { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom', font: { size: 14 } },
    }),
    hovermode: 'x unified',
    xaxis: {
      ...layersAxis(layers),
      tickfont: { size: title === undefined ? 12 : 15, color: colors.ink },
    },
    yaxis: axis('capacity α', colors['class-0']),
    yaxis2: {
      ...axis('dimension D', colors['class-1']),
      overlaying: 'y',
      side: 'right',
      showgrid: false,
      // By default, an overlaid axis puts its ticks at the other axis's places.
      tickmode: 'auto',
    },
  };
}

/** The change of capacity and dimension over the layers, in words with numbers; undefined before there are figures. */
export function storyText({
  results,
  layers,
  radius,
  resamples,
  trained,
}: Omit<Story, 'method'>): string | undefined {
  const sentences = momentsOf(trained).flatMap((step) => {
    const ends = [layers[0], layers[layers.length - 1]].map((layer) => resultAt(results, layer, step));
    const [from, to] = ends;
    if (!from || !to || layers.length < 2) return [];
    const parts = LINES.map(({ measure }) => {
      const [before, after] = [from, to].map(
        (result) => figureOf(result, { measure, radius }, resamples).value,
      );
      const verb = after > before ? 'rises' : 'falls';
      return `${measure} ${verb} from ${formatValue(before)} to ${formatValue(after)}`;
    });
    const when = step > 0 ? `After ${formatCount(step)} steps` : 'Untrained';
    return [`${when}, from ${layers[0]} to ${layers[layers.length - 1]}: ${parts.join(', ')}.`];
  });
  return sentences.length > 0 ? sentences.join(' ') : undefined;
}

/**
 * All four measures of the chart's moments, with the estimator: a row for each layer and moment, empty where a figure is not
 * computed. Mean-field theory has neither a label ensemble nor a choice of centering.
 */
export function storyCsv({ results, layers, radius, method, resamples, trained }: Story): string {
  const { estimator, ensemble, center } = method;
  const isGlue = estimator === 'glue';
  // GLUE has the alignment of the mean anchors in the place of the centers' correlation.
  const columnOf = (id: MeasureId) => (isGlue && id === 'centerCorrelation' ? 'centerAlignmentCosine' : id);
  const names = measures.flatMap(({ id }) => [columnOf(id), `${columnOf(id)}_95`]);
  const methodCells = [estimator, ...(isGlue ? [ensemble, center ? 'centered' : 'not centered'] : ['', ''])];
  const rows = momentsOf(trained).flatMap((step) =>
    layers.map((layer) => {
      const result = resultAt(results, layer, step);
      const figures = measures.flatMap(({ id }) => {
        const figure = result && figureOf(result, { measure: id, radius }, resamples);
        return [figure?.value ?? '', figure?.margin ?? ''];
      });
      return [layer, step, ...figures, ...methodCells].join(',');
    }),
  );
  return `${['layer', 'step', ...names, 'estimator', 'ensemble', 'centering'].join(',')}\n${rows.join('\n')}\n`;
}
