import { CallError } from '../../ml/callError.ts';
import type { Json } from '../../ml/formats/json.ts';
import {
  FIGURES as ALL_FIGURES,
  CENTER_RULES,
  type Figures,
  type Resample,
} from '../../ml/geometry/index.ts';
import { type NetworkDescription, shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { LayerGeometry, LayerResamples } from '../../workers/protocol.ts';
import { DRAWS } from '../ask/selection.ts';
import type { RunSoFar } from '../state/runSoFar.ts';
import type { AnalysisSettings, GeometryFinding } from './geometryFinding.ts';
import { checkGeometry, MOST_INDICES } from './geometryQuestion.ts';

const FIGURES = ['capacity', 'radius', 'radiusMedian', 'dimension'] as const;
const MOST_STARTS = 100;
const MOST_RESAMPLES = 1000;
const SPLITS = ['train', 'test'] as const;

/** @throws an Error that names the invalid field. */
export function readGeometry(json: Json, { network, step: last }: RunSoFar): GeometryFinding {
  const layer = json.get('layer').text(100);
  const settings = readAnalysisSettings(json.get('settings'), { network, layer });
  const classes = sizeOf(shapeAt(network, network.layers.at(-1)?.name ?? 'input'));
  const labels = json
    .get('labels')
    .list(classes)
    .map((label) => label.whole({ max: classes - 1 }));
  const perManifold = json.get('perManifold').list(classes).map(readManifold);
  if (labels.length < 2 || new Set(labels).size !== labels.length || perManifold.length !== labels.length) {
    throw new CallError(
      'readGeometry',
      `expected figures of at least two different classes, found ${perManifold.length} of the classes ${labels}`,
    );
  }
  const errors = json.get('standardErrors');
  const examples = json.optional('exampleErrors');
  const resampled = json.optional('resampled');
  const search = json.optional('search');
  return {
    kind: 'geometry',
    settings,
    step: json.get('step').whole({ max: layer === 'input' ? 0 : last }),
    result: {
      layer,
      labels,
      ...figuresOf(json),
      centerCorrelation: json.get('centerCorrelation').number(),
      rank: json.get('rank').whole(),
      ...(search && { search: { starts: search.get('starts').whole(), finds: search.get('finds').whole() } }),
      perManifold,
      standardErrors: figuresOf(errors),
      ...(examples && {
        exampleErrors: {
          ...figuresOf(examples),
          centerCorrelation: examples.get('centerCorrelation').number(),
        },
      }),
      ...(resampled && { resampled: readResampled(resampled) }),
      warmStart: json
        .get('warmStart')
        .list(MOST_STARTS)
        .map((start) => readStart(start, labels.length)),
    },
  };
}

/** @throws an Error that names the setting or layer that is invalid for this network. */
export function readAnalysisSettings(
  settings: Json,
  { network, layer }: { network: NetworkDescription; layer: string },
): AnalysisSettings {
  const indices = settings.optional('indices')?.list(MOST_INDICES);
  const checked = checkGeometry(
    { network },
    {
      layers: [layer],
      // Earlier versions always drew by the seed and did not store the draw.
      draw: settings.optional('draw')?.oneOf(...DRAWS) ?? (indices ? 'notebook' : 'seeded'),
      split: settings.optional('split')?.oneOf(...SPLITS),
      examplesPerClass: settings.optional('examplesPerClass')?.whole(),
      indices: indices?.map((index) => index.whole()),
      kappa: settings.get('kappa').number(),
      samples: settings.get('samples').whole(),
      projection: settings.optional('projection')?.whole(),
      resamples: settings.get('resamples').whole(),
      rule: settings.optional('rule')?.oneOf(...CENTER_RULES),
      restarts: settings.optional('restarts')?.whole(),
      seed: settings.get('seed').whole(),
    },
  );
  const { layers: _, ...analysis } = checked;
  return analysis;
}

function readResampled(json: Json): LayerResamples {
  const names = json
    .get('figures')
    .list(ALL_FIGURES.length)
    .map((name) => name.text(30));
  if (names.join() !== ALL_FIGURES.join()) {
    throw new CallError(
      'readGeometry',
      `expected resamples of ${ALL_FIGURES.join(', ')}, found ${names.join(', ')}`,
    );
  }
  const resamples = json
    .get('resamples')
    .list(MOST_RESAMPLES)
    .map((item): Resample => {
      const lists = item.list(3).map(readFigures);
      if (lists.length !== 3) {
        throw new CallError('readGeometry', `expected three lists per resample, found ${lists.length}`);
      }
      return { figures: lists[0], halves: [lists[1], lists[2]] };
    });
  if (resamples.length < 2) {
    throw new CallError('readGeometry', `expected at least two resamples, found ${resamples.length}`);
  }
  return {
    kind: json.get('kind').oneOf('redraws', 'halves'),
    samples: json.get('samples').whole({ min: 2 }),
    resamples,
  };
}

function readFigures(json: Json): Figures {
  const values = json.list(ALL_FIGURES.length).map((value) => value.number());
  if (values.length !== ALL_FIGURES.length) {
    throw new CallError('readGeometry', `expected ${ALL_FIGURES.length} figures, found ${values.length}`);
  }
  const [capacity, radius, radiusMedian, dimension, centerCorrelation] = values;
  return { capacity, radius, radiusMedian, dimension, centerCorrelation };
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
    throw new CallError(
      'readGeometry',
      `expected a warm start of ${rows} x ${columns} finite numbers, found something else`,
    );
  }
  return { data, rows, columns };
}
