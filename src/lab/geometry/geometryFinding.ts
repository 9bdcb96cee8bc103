import type { Json } from '../../ml/formats/json.ts';
import {
  checked,
  converted,
  float64s,
  list,
  number,
  oneOf,
  optional,
  record,
  text,
  type ValueOf,
  whole,
} from '../../ml/formats/schema.ts';
import { FIGURES, type Figures, type Resample } from '../../ml/geometry/index.ts';
import type { LayerGeometry } from '../../workers/protocol.ts';
import { classesOf, doneStep, type Found, layerName, type RunSoFar } from '../state/runSoFar.ts';
import { settingsKey, settingsSchema } from './analysisSettings.ts';
import type { AnalysisSettings } from './geometryQuestion.ts';

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
/** Digits kept of a resample's figures; their spread is known to two digits. */
const RESAMPLE_DIGITS = 6;
const MOST_STARTS = 100;
const MOST_RESAMPLES = 1000;

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

const short = (value: number, digits: number) => Number(value.toPrecision(digits));

const figuresList = converted(list(number(), FIGURES.length), {
  read(values, json): Figures {
    if (values.length !== FIGURES.length) throw json.fault(`${FIGURES.length} figures`, `${values.length}`);
    const [capacity, radius, radiusMedian, dimension, correlation] = values;
    return { capacity, radius, radiusMedian, dimension, centerCorrelation: correlation };
  },
  write: (figures) => FIGURES.map((name) => short(figures[name], RESAMPLE_DIGITS)),
});

/** The figures, then those of either half of the t-vectors. */
const resample = converted(list(figuresList, 3), {
  read(lists, json): Resample {
    if (lists.length !== 3) throw json.fault('three lists per resample', `${lists.length}`);
    return { figures: lists[0], halves: [lists[1], lists[2]] };
  },
  write: ({ figures, halves }) => [figures, ...halves],
});

const resampled = converted(
  checked(
    record({
      kind: oneOf('redraws', 'halves'),
      samples: whole({ min: 2 }),
      figures: list(text(30), FIGURES.length),
      resamples: list(resample, MOST_RESAMPLES),
    }),
    ({ figures, resamples }, json) => {
      if (figures.join() !== FIGURES.join()) throw json.get('figures').fault(FIGURES.join(', '));
      if (resamples.length < 2) {
        throw json.get('resamples').fault('at least two resamples', `${resamples.length}`);
      }
    },
  ),
  {
    read: ({ figures: _, ...own }) => own,
    write: (own) => ({ ...own, figures: [...FIGURES] }),
  },
);

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
    resampled: optional(resampled),
    labels: list(whole({ max: classes - 1 }), classes),
    perManifold: list(manifold, classes),
    settings: settingsSchema,
    warmStart: list(warmStart, MOST_STARTS),
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
