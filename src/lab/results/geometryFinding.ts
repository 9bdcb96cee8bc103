import type { Json, JsonValue } from '../../ml/formats/json.ts';
import { shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { LayerGeometry } from '../../workers/protocol.ts';
import { type CheckedGeometry, checkGeometry } from '../analysis.ts';
import type { RunSoFar } from './findings.ts';

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

const FIGURES = ['capacity', 'radius', 'radiusMedian', 'dimension'] as const;
/** Digits of a warm start, which only says where a search begins. */
const START_DIGITS = 5;
const MOST_STARTS = 100;

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
  const { projection, ...others } = settings;
  return {
    layer,
    step,
    capacity,
    radius,
    radiusMedian,
    dimension,
    centerCorrelation,
    rank,
    standardErrors: { ...result.standardErrors },
    ...(result.exampleErrors && { exampleErrors: { ...result.exampleErrors } }),
    labels,
    perManifold: result.perManifold.map(({ standardErrors, ...figures }) => ({
      ...figures,
      standardErrors: { ...standardErrors },
    })),
    settings: { ...others, ...(projection !== undefined && { projection }) },
    warmStart: result.warmStart.map(({ data, rows, columns }) => ({
      rows,
      columns,
      data: Array.from(data, (value) => Number(value.toPrecision(START_DIGITS))),
    })),
  };
}

/** @throws an Error that names the place that does not hold what it should. */
export function readGeometry(json: Json, { network, step: last }: RunSoFar): GeometryFinding {
  const layer = json.get('layer').text(100);
  const settings = json.get('settings');
  const checked = checkGeometry(
    { network },
    {
      layers: [layer],
      examplesPerClass: settings.get('examplesPerClass').whole(),
      kappa: settings.get('kappa').number(),
      samples: settings.get('samples').whole(),
      projection: settings.optional('projection')?.whole(),
      resamples: settings.get('resamples').whole(),
      seed: settings.get('seed').whole(),
    },
  );
  const { examplesPerClass, kappa, samples, projection, resamples, seed } = checked;
  const classes = sizeOf(shapeAt(network, network.layers.at(-1)?.name ?? 'input'));
  const labels = json
    .get('labels')
    .list(classes)
    .map((label) => label.whole({ max: classes - 1 }));
  const perManifold = json.get('perManifold').list(classes).map(readManifold);
  if (labels.length < 2 || new Set(labels).size !== labels.length || perManifold.length !== labels.length) {
    throw new Error(
      `readGeometry: expected figures of at least two classes, each of them once, found ${perManifold.length} of the classes ${labels}`,
    );
  }
  const errors = json.get('standardErrors');
  const examples = json.optional('exampleErrors');
  return {
    kind: 'geometry',
    settings: { examplesPerClass, kappa, samples, projection, resamples, seed },
    step: json.get('step').whole({ max: layer === 'input' ? 0 : last }),
    result: {
      layer,
      labels,
      ...figuresOf(json),
      centerCorrelation: json.get('centerCorrelation').number(),
      rank: json.get('rank').whole(),
      perManifold,
      standardErrors: figuresOf(errors),
      ...(examples && {
        exampleErrors: {
          ...figuresOf(examples),
          centerCorrelation: examples.get('centerCorrelation').number(),
        },
      }),
      warmStart: json
        .get('warmStart')
        .list(MOST_STARTS)
        .map((start) => readStart(start, labels.length)),
    },
  };
}

function figuresOf(json: Json): Record<(typeof FIGURES)[number], number> {
  const [capacity, radius, radiusMedian, dimension] = FIGURES.map((name) => json.get(name).number());
  return { capacity, radius, radiusMedian, dimension };
}

function readManifold(json: Json): LayerGeometry['perManifold'][number] {
  const errors = json.get('standardErrors');
  return {
    capacity: json.get('capacity').number(),
    radius: json.get('radius').number(),
    dimension: json.get('dimension').number(),
    standardErrors: {
      capacity: errors.get('capacity').number(),
      radius: errors.get('radius').number(),
      dimension: errors.get('dimension').number(),
    },
    points: json.get('points').whole(),
    centerNorm: json.get('centerNorm').number(),
    centerNormRatio: json.get('centerNormRatio').number(),
  };
}

function readStart(json: Json, classes: number): LayerGeometry['warmStart'][number] {
  const rows = json.get('rows').whole({ min: 1, max: classes });
  const columns = json.get('columns').whole({ min: classes, max: classes });
  const data = Float64Array.from(json.get('data').list(rows * columns), (item) => item.number());
  if (data.length !== rows * columns || !data.every(Number.isFinite)) {
    throw new Error(
      `readGeometry: expected a warm start of ${rows} x ${columns} finite numbers, found another`,
    );
  }
  return { data, rows, columns };
}
