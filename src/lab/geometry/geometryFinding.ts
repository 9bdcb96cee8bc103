import type { Json } from '../../ml/formats/json.ts';
import {
  checked,
  converted,
  float64s,
  list,
  number,
  optional,
  record,
  type ValueOf,
  whole,
} from '../../ml/formats/schema.ts';
import { FIGURES } from '../../ml/geometry/index.ts';
import type { LayerGeometry } from '../../workers/geometryProtocol.ts';
import { classesOf, doneStep, type Found, layerName, type RunSoFar } from '../state/runSoFar.ts';
import { settingsKey, settingsSchema } from './analysisSettings.ts';
import type { AnalysisSettings } from './geometrySettings.ts';
import { glueSchema } from './glueFinding.ts';
import { resampledSchema, short } from './resampledSchema.ts';
import { simulatedSchema } from './simulationFinding.ts';

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
const MOST_STARTS = 100;

/** Capacity and its error are infinite if no t-vector touches a manifold. */
const perLayer = { capacity: number(), radius: number(), radiusMedian: number(), dimension: number() };
const perManifold = { capacity: number(), radius: number(), dimension: number() };
const centerCorrelation = number();

const manifold = record({
  ...perManifold,
  points: whole(),
  centerNorm: number(),
  centerNormRatio: number(),
  standardErrors: record(perManifold),
});

const warmStart = record({
  rows: whole({ min: 1 }),
  columns: whole({ min: 1 }),
  data: converted(float64s(), {
    read: (values) => values,
    write: (values) => values.map((value) => short(value, START_DIGITS)),
  }),
});

/** A warm start has a row per direction and a column per class. */
function checkStart({ rows, columns, data }: ValueOf<typeof warmStart>, json: Json, classes: number): void {
  json.get('rows').whole({ min: 1, max: classes });
  json.get('columns').whole({ min: classes, max: classes });
  if (data.length !== rows * columns || !data.every(Number.isFinite)) {
    throw json.get('data').fault(`a warm start of ${rows} x ${columns} finite numbers`);
  }
}

function layerRecord(run?: RunSoFar) {
  const classes = classesOf(run);
  return record({
    layer: layerName(run),
    step: doneStep(run),
    ...perLayer,
    centerCorrelation,
    rank: whole(),
    standardErrors: record(perLayer),
    search: optional(record({ starts: whole(), finds: whole() })),
    exampleErrors: optional(record({ ...perLayer, centerCorrelation })),
    resampled: optional(resampledSchema(FIGURES)),
    labels: list(whole({ max: classes - 1 }), classes),
    perManifold: list(manifold, classes),
    settings: settingsSchema,
    warmStart: list(warmStart, MOST_STARTS),
    glue: optional(glueSchema),
    simulation: optional(simulatedSchema),
  });
}

/** A layer's geometry at a step; step 0 for the input layer. */
export const geometrySchema = (run?: RunSoFar) =>
  converted(
    checked(layerRecord(run), ({ layer, labels, perManifold: own, warmStart: starts }, json) => {
      if (layer === 'input') json.get('step').whole({ max: 0 });
      const classes = labels.length;
      if (classes < 2 || new Set(labels).size !== classes || own.length !== classes) {
        throw json.fault(
          'figures of at least two different classes',
          `${own.length} of the classes ${labels.join(', ')}`,
        );
      }
      for (const [i, start] of json.get('warmStart').list().entries()) checkStart(starts[i], start, classes);
    }),
    {
      read: ({ settings, step, ...result }): Located => ({ settings, step, result }),
      write: ({ settings, step, result }) => ({ ...result, settings, step }),
    },
  );
export type GeometryFinding = Found<'geometry', typeof geometrySchema>;

interface Located {
  settings: AnalysisSettings;
  step: number;
  result: LayerGeometry;
}

export function geometryKey({ settings, step, result }: Located): string {
  return `${settingsKey(settings)} ${result.layer} ${step}`;
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
