import { type JsonValue, numberValue } from '../../ml/formats/json.ts';
import type { LayerGeometry } from '../../workers/protocol.ts';
import type { CheckedGeometry } from './geometryQuestion.ts';

/** How geometry was analyzed: what makes figures comparable. */
export type AnalysisSettings = Pick<
  CheckedGeometry,
  'examplesPerClass' | 'kappa' | 'samples' | 'projection' | 'resamples' | 'seed'
>;

/** A layer's geometry at a step; the input layer's stands at step 0. */
export interface GeometryFinding {
  kind: 'geometry';
  settings: AnalysisSettings;
  step: number;
  result: LayerGeometry;
}

/** By layer and step. The input layer's, which never changes, stand at step 0. */
export type GeometryResults = ReadonlyMap<string, ReadonlyMap<number, LayerGeometry>>;

/** Settings, and what was found with them. */
export interface Analyses {
  settings: AnalysisSettings;
  results: GeometryResults;
}

/** Digits of a warm start, which only says where a search begins. */
const START_DIGITS = 5;

/** Equal for settings whose figures belong together. */
export function settingsKey(settings: AnalysisSettings): string {
  const { examplesPerClass, kappa, samples, projection, resamples, seed } = settings;
  return JSON.stringify({ examplesPerClass, kappa, samples, projection, resamples, seed });
}

/** One finding for each figure of the results. */
export function findingsOf({ settings, results }: Analyses): GeometryFinding[] {
  return [...results.values()].flatMap((own) =>
    [...own].map(([step, result]): GeometryFinding => ({ kind: 'geometry', settings, step, result })),
  );
}

/** Findings by their settings, in the order in which these were used last. */
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
    ...(result.exampleErrors && { exampleErrors: written(result.exampleErrors) }),
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

export function settingsValue({ projection, ...others }: AnalysisSettings): JsonValue {
  return { ...others, ...(projection !== undefined && { projection }) };
}

/** A capacity and its error may be infinite: where no t-vector touches a manifold. */
function written(figures: object): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]: [string, number]) => [name, numberValue(value)]),
  );
}
