import { describe, expect, test } from 'vitest';
import { theirLayerTraces, theirTrainingTraces } from '../../../src/components/geometry/theirFigure.ts';
import type { Colors } from '../../../src/components/shared/colors.ts';
import type { GeometryResults } from '../../../src/lab/geometry/geometryFinding.ts';
import { geometry } from '../lab/keep/examples.ts';

const colors = new Proxy({}, { get: (_, name) => `rgb(${String(name).length}, 0, 0)` }) as Colors;
const own: GeometryResults = new Map([['input', new Map([[0, geometry.result]])]]);
/** Figures of the classes 3 and 1 in the layer fc, at two steps. */
const results: GeometryResults = new Map([
  [
    'fc',
    new Map([
      [40, geometry.result],
      [10, { ...geometry.result, capacity: 0.9, labels: [3] }],
    ]),
  ],
]);
const theirs = { name: 'Seed 8', results };
const options = {
  results: own,
  layers: ['input', 'fc'],
  measure: 'capacity',
  radius: 'mean',
  resamples: 2,
  classNames: [...'0123456789'],
  colors,
} as const;

describe("a compared run's geometry", () => {
  test('is one dashed curve over the layers, at its step nearest to the shown step', () => {
    const traces = theirLayerTraces(options, theirs, 12);
    expect(traces.map(({ name, x, y }) => ({ name, x, y }))).toEqual([
      { name: 'Seed 8', x: ['input', 'fc'], y: [0.1 + 0.2, 0.9] },
    ]);
  });

  test('is a curve for each of its classes where classes are shown', () => {
    const traces = theirLayerTraces({ ...options, classesOf: 'fc' }, theirs, 40);
    expect(traces.map(({ name, y }) => ({ name, y }))).toEqual([
      { name: 'class 1, Seed 8', y: [0.75, 0.75] },
      { name: 'class 3, Seed 8', y: [0.25, 0.25] },
    ]);
    const overTraining = theirTrainingTraces({ ...options, classesOf: 'fc', log: true }, theirs);
    expect(overTraining.map(({ name, x, y }) => ({ name, x, y }))).toEqual([
      { name: 'class 1, Seed 8', x: [10, 40], y: [Number.NaN, 0.75] },
      { name: 'class 3, Seed 8', x: [10, 40], y: [0.25, 0.25] },
    ]);
  });

  test('shows a measure without per-class values as the layer’s own, only for the layer whose classes are shown', () => {
    const shared = { ...options, measure: 'centerCorrelation', classesOf: 'fc' } as const;
    expect(theirLayerTraces(shared, theirs, 40)).toHaveLength(1);
    expect(theirTrainingTraces({ ...shared, log: false }, theirs).map(({ name }) => name)).toEqual([
      'fc, Seed 8',
    ]);
    expect(theirTrainingTraces({ ...shared, classesOf: 'conv', log: false }, theirs)).toEqual([]);
  });

  test('is not drawn before there are figures', () => {
    expect(theirLayerTraces(options, { name: 'Seed 8', results: new Map() }, 0)).toEqual([]);
    expect(theirTrainingTraces({ ...options, log: false }, { name: 'Seed 8', results: new Map() })).toEqual(
      [],
    );
  });
});
