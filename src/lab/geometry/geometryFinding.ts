import { type JsonValue, numberValue } from '../../ml/formats/json.ts';
import { FIGURES, type Figures } from '../../ml/geometry/index.ts';
import type { LayerGeometry, LayerResamples } from '../../workers/protocol.ts';
import type { CheckedGeometry } from './geometryQuestion.ts';

/** Settings of an analysis; figures are comparable if these are equal. */
export type AnalysisSettings = Omit<CheckedGeometry, 'layers'>;

/** A layer's geometry at a step; step 0 for the input layer. */
export interface GeometryFinding {
  kind: 'geometry';
  settings: AnalysisSettings;
  step: number;
  result: LayerGeometry;
}

/** Results by layer and step. The input layer's, which never change, are stored at step 0. */
export type GeometryResults = ReadonlyMap<string, ReadonlyMap<number, LayerGeometry>>;

/** The result of a layer at a step. */
export function resultAt(results: GeometryResults, layer: string, step: number): LayerGeometry | undefined {
  return results.get(layer)?.get(placeOf(layer, step));
}

/** The input layer is the same at every step. */
export function placeOf(layer: string, step: number): number {
  return layer === 'input' ? 0 : step;
}

/** Settings and the results for them. */
export interface Analyses {
  settings: AnalysisSettings;
  results: GeometryResults;
}

/** Digits kept of a warm start, which is only the starting point of a search. */
const START_DIGITS = 5;

/** Equal for settings with comparable figures. */
export function settingsKey(settings: AnalysisSettings): string {
  return JSON.stringify(settingsValue(settings));
}

/** One finding for each figure of the results. */
export function findingsOf({ settings, results }: Analyses): GeometryFinding[] {
  return [...results.values()].flatMap((own) =>
    [...own].map(([step, result]): GeometryFinding => ({ kind: 'geometry', settings, step, result })),
  );
}

/** Findings grouped by settings, in order of last use. */
export function analysesOf(findings: readonly GeometryFinding[]): Analyses[] {
  const groups = new Map<
    string,
    { settings: AnalysisSettings; results: Map<string, Map<number, LayerGeometry>> }
  >();
  for (const { settings, step, result } of findings) {
    const key = settingsKey(settings);
    const group = groups.get(key) ?? { settings, results: new Map() };
    groups.delete(key);
    groups.set(key, group);
    const own = group.results.get(result.layer) ?? new Map<number, LayerGeometry>();
    group.results.set(result.layer, own.set(step, result));
  }
  return [...groups.values()];
}

export function geometryKey({ settings, step, result }: GeometryFinding): string {
  return `${settingsKey(settings)} ${result.layer} ${step}`;
}

export function geometryValue({ settings, step, result }: GeometryFinding): JsonValue {
  const { layer, labels, capacity, radius, radiusMedian, dimension, centerCorrelation, rank } = result;
  return {
    layer,
    step,
    ...written({ capacity, radius, radiusMedian, dimension, centerCorrelation, rank }),
    standardErrors: written(result.standardErrors),
    ...(result.search && { search: { ...result.search } }),
    ...(result.exampleErrors && { exampleErrors: written(result.exampleErrors) }),
    ...(result.resampled && { resampled: resampledValue(result.resampled) }),
    labels,
    perManifold: result.perManifold.map(({ standardErrors, ...figures }) => ({
      ...written(figures),
      standardErrors: written(standardErrors),
    })),
    settings: settingsValue(settings),
    warmStart: result.warmStart.map(({ data, rows, columns }) => ({
      rows,
      columns,
      data: Array.from(data, (value) => Number(value.toPrecision(START_DIGITS))),
    })),
  };
}

/** The settings as JSON in a fixed order. With given images, the draw and its count do not matter and are left out. */
export function settingsValue(settings: AnalysisSettings): JsonValue {
  const { split, draw, examplesPerClass, indices, kappa, samples, projection, resamples } = settings;
  const { rule, restarts, seed } = settings;
  return {
    split,
    ...(indices === undefined ? { draw, examplesPerClass } : { indices: Array.from(indices) }),
    ...{ kappa, samples, resamples, rule, restarts, seed },
    ...(projection !== undefined && { projection }),
  };
}

/** Digits kept of a resample's figures; their spread is known to two digits. */
const RESAMPLE_DIGITS = 6;

function resampledValue({ kind, samples, resamples }: LayerResamples): JsonValue {
  const short = (figures: Figures) =>
    FIGURES.map((name) => numberValue(Number(figures[name].toPrecision(RESAMPLE_DIGITS))));
  return {
    kind,
    samples,
    figures: [...FIGURES],
    // The figures, then those of either half of the t-vectors.
    resamples: resamples.map(({ figures, halves }) => [figures, ...halves].map(short)),
  };
}

/** Figures as JSON. Capacity and its error are infinite if no t-vector touches a manifold. */
function written(figures: object): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]: [string, number]) => [name, numberValue(value)]),
  );
}
