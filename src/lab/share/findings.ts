import type { JsonValue } from '../../ml/formats/json.ts';
import type { RunContent } from '../../ml/formats/runContent.ts';
import { convolutionOf } from '../../ml/model/network.ts';
import type { AttacksState } from '../attacks.ts';
import type { GeometryState } from '../geometryFollow.ts';
import { epochsTable, filtersFigure, learningFigure, table } from './figures.ts';

/** What the panels found, for the run's file: JSON to read, CSV to plot, SVG to look at. */
export function findings(
  run: Pick<RunContent, 'losses' | 'accuracies' | 'epochs' | 'network' | 'checkpoint'>,
  geometry: GeometryState,
  attacks: AttacksState,
): Pick<RunContent, 'results' | 'attachments'> {
  const results: { [name: string]: JsonValue } = {};
  const attachments = new Map<string, Uint8Array>();
  const attach = (path: string, text: string) => attachments.set(path, new TextEncoder().encode(text));
  attach('tables/epochs.csv', epochsTable(run.epochs));
  attach('figures/learning.svg', learningFigure(run));
  const convolution = convolutionOf(run.network);
  const weights = convolution && run.checkpoint?.state.parameters[`${convolution.name}.weight`];
  if (weights) {
    attach('figures/filters.svg', filtersFigure(weights, convolution.kernelSize));
  }
  const layers = geometryRows(geometry);
  if (layers.length > 0) {
    const { examplesPerClass, kappa, samples, seed, projection } = geometry.settings;
    results.geometry = {
      settings: { examplesPerClass, kappa, samples, seed, projection: projection ?? null },
      layers,
    };
    attach('tables/geometry.csv', table(layers));
  }
  const points = attacks.curves.flatMap(({ method, norm, step, points }) =>
    points.map((point) => ({ method, norm, step, ...point })),
  );
  if (points.length > 0) {
    results.robustness = points;
    attach('tables/robustness.csv', table(points));
  }
  return { results, attachments };
}

function geometryRows({ results }: GeometryState) {
  return [...results].flatMap(([layer, steps]) =>
    [...steps]
      .sort(([a], [b]) => a - b)
      .map(([step, { capacity, radius, dimension, centerCorrelation }]) => ({
        layer,
        step,
        capacity,
        radius,
        dimension,
        centerCorrelation,
      })),
  );
}
