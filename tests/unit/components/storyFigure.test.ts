import { describe, expect, test } from 'vitest';
import { estimatorFileName } from '../../../src/components/geometry/estimatorView.ts';
import { storyCsv, storyText, storyTraces } from '../../../src/components/geometry/storyFigure.ts';
import type { Colors } from '../../../src/components/shared/colors.ts';
import type { GeometryResults } from '../../../src/lab/geometry/geometryFinding.ts';
import type { LayerGeometry } from '../../../src/workers/geometryProtocol.ts';
import { geometry } from '../lab/keep/examples.ts';

const colors = new Proxy({}, { get: (_, name) => String(name) }) as Colors;
const at = (capacity: number, dimension: number): LayerGeometry => ({
  ...geometry.result,
  capacity,
  dimension,
});
const results: GeometryResults = new Map([
  ['input', new Map([[0, at(0.1, 16)]])],
  [
    'pool',
    new Map([
      [0, at(0.12, 14)],
      [100, at(0.25, 9)],
    ]),
  ],
  ['fc', new Map([[100, at(0.6, 3)]])],
]);
const story = {
  results,
  layers: ['input', 'pool', 'fc'],
  radius: 'median',
  method: { estimator: 'meanField', ensemble: 'uniform', center: true },
  resamples: 10,
  trained: 100,
} as const;

describe('the chart from layer to layer', () => {
  test('has capacity and dimension on their own axes, before training and after', () => {
    const traces = storyTraces(story, colors);
    expect(traces.map(({ name, x, y, yaxis }) => ({ name, x, y, yaxis }))).toEqual([
      { name: 'Capacity, untrained', x: ['input', 'pool'], y: [0.1, 0.12], yaxis: 'y' },
      { name: 'Capacity, trained', x: ['input', 'pool', 'fc'], y: [0.1, 0.25, 0.6], yaxis: 'y' },
      { name: 'Dimension, untrained', x: ['input', 'pool'], y: [16, 14], yaxis: 'y2' },
      { name: 'Dimension, trained', x: ['input', 'pool', 'fc'], y: [16, 9, 3], yaxis: 'y2' },
    ]);
    expect(storyTraces({ ...story, trained: 0 }, colors).map(({ name }) => name)).toEqual([
      'Capacity, untrained',
      'Dimension, untrained',
    ]);
  });

  test('has no line before training while only the input is known there', () => {
    const known: GeometryResults = new Map([...results, ['pool', new Map([[100, at(0.25, 9)]])]]);
    expect(storyTraces({ ...story, results: known }, colors).map(({ name }) => name)).toEqual([
      'Capacity, trained',
      'Dimension, trained',
    ]);
    expect(storyTraces({ ...story, results: known, trained: 0 }, colors)).toHaveLength(2);
  });

  test('says in words only what its numbers show', () => {
    expect(storyText(story)).toBe(
      'After 100 steps, from input to fc: capacity rises from 0.1000 to 0.6000, dimension falls from 16.00 to 3.000.',
    );
    expect(storyText({ ...story, layers: ['fc', 'pool'] })).toContain('capacity falls from 0.6000 to 0.2500');
    expect(storyText({ ...story, results: new Map() })).toBeUndefined();
  });

  test('is a table with a row for each layer and moment, empty where nothing is computed', () => {
    const rows = storyCsv(story).trimEnd().split('\n');
    expect(rows).toHaveLength(7);
    expect(rows[0]).toBe(
      'layer,step,capacity,capacity_95,radius,radius_95,dimension,dimension_95,centerCorrelation,centerCorrelation_95,estimator,ensemble,centering',
    );
    expect(rows[3]).toBe('fc,0,,,,,,,,,meanField,,');
    expect(rows[6]).toMatch(/^fc,100,0\.6,.*,meanField,,$/);
    expect(rows.every((row) => row.split(',').length === 13)).toBe(true);
  });

  test('names GLUE, its ensemble and its centering in the table, and calls its alignment by its name', () => {
    const method = { estimator: 'glue', ensemble: 'balanced', center: false } as const;
    const [header, ...rows] = storyCsv({ ...story, method })
      .trimEnd()
      .split('\n');
    expect(header).toContain(',centerAlignmentCosine,centerAlignmentCosine_95,');
    expect(header).not.toContain('centerCorrelation');
    expect(rows.every((row) => row.endsWith(',glue,balanced,not centered'))).toBe(true);
    expect(estimatorFileName(method)).toBe('glue-balanced-not-centered');
    expect(estimatorFileName(story.method)).toBe('mean-field');
  });
});
