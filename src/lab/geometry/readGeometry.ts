import type { Json } from '../../ml/formats/json.ts';
import { type NetworkDescription, shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { LayerGeometry } from '../../workers/protocol.ts';
import type { RunSoFar } from '../state/runSoFar.ts';
import type { AnalysisSettings, GeometryFinding } from './geometryFinding.ts';
import { checkGeometry } from './geometryQuestion.ts';

const FIGURES = ['capacity', 'radius', 'radiusMedian', 'dimension'] as const;
const MOST_STARTS = 100;

/** @throws an Error that names the place that does not hold what it should. */
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
    throw new Error(
      `readGeometry: expected figures of at least two classes, each of them once, found ${perManifold.length} of the classes ${labels}`,
    );
  }
  const errors = json.get('standardErrors');
  const examples = json.optional('exampleErrors');
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

/** @throws an Error that names the setting, or the layer, that this network's analysis does not take. */
export function readAnalysisSettings(
  settings: Json,
  { network, layer }: { network: NetworkDescription; layer: string },
): AnalysisSettings {
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
  return { examplesPerClass, kappa, samples, projection, resamples, seed };
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
