import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settingsKey } from '../../../../src/lab/geometry/analysisSettings.ts';
import { ESTIMATORS } from '../../../../src/lab/geometry/estimators.ts';
import { checkGeometry } from '../../../../src/lab/geometry/geometrySettings.ts';
import { readGeometryText, writeGeometryText } from '../../../../src/lab/geometry/geometryText.ts';
import { readIndices, writeIndices } from '../../../../src/lab/geometry/indicesText.ts';
import { ENSEMBLES } from '../../../../src/ml/geometry/index.ts';
import { notebookNetwork } from '../../../../src/ml/model/network.ts';

const network = notebookNetwork();

describe('image indices as text', () => {
  it('are ranges and single indices', () => {
    expect(readIndices('0-3, 10; 7–8', 100)).toEqual([0, 1, 2, 3, 10, 7, 8]);
    expect(writeIndices([0, 1, 2, 3, 10, 7, 8])).toBe('0-3,10,7-8');
  });

  it('survive a round trip', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60_000), { minLength: 1, maxLength: 200 }), (indices) => {
        expect(readIndices(writeIndices(indices), 200)).toEqual(indices);
      }),
    );
  });

  it.each([
    ['', /found none/],
    ['a', /found "a"/],
    ['9-3', /ascending range/],
    ['0-99999999', /at most 1000 images/],
  ])('%s is refused with what is wrong', (text, problem) => {
    expect(() => readIndices(text, 1000)).toThrow(problem);
  });
});

describe('geometry’s settings in a link', () => {
  it('are omitted if all are defaults, including the notebook’s draw', () => {
    expect(writeGeometryText(checkGeometry({ network }))).toBe('');
    expect(checkGeometry({ network })).toMatchObject({
      draw: 'notebook',
      layers: ['input', 'conv', 'relu', 'fc'],
    });
  });

  it('are short and readable', () => {
    const settings = checkGeometry(
      { network },
      { draw: 'seeded', split: 'test', rule: 'reference', restarts: 5, resamples: 0 },
    );
    expect(writeGeometryText(settings)).toBe('rule:reference,split:test,draw:seeded,starts:5,redraws:0');
  });

  it('name GLUE with its labels and centering', () => {
    const glue = { estimator: 'glue', ensemble: 'oneVersusRest', center: false } as const;
    expect(writeGeometryText(checkGeometry({ network }, glue))).toBe(
      'estimator:glue,labels:oneVersusRest,center:no',
    );
    expect(readGeometryText('estimator:glue,center:no')).toMatchObject({
      ensemble: 'uniform',
      center: false,
    });
  });

  it('survive a round trip', () => {
    const options = fc.record(
      {
        draw: fc.constantFrom('notebook' as const, 'seeded' as const),
        split: fc.constantFrom('train' as const, 'test' as const),
        indices: fc.array(fc.nat(60_000), { minLength: 1, maxLength: 30 }),
        examplesPerClass: fc.integer({ min: 4, max: 1000 }),
        kappa: fc.double({ min: 0, max: 100, noNaN: true }),
        samples: fc.integer({ min: 2, max: 100_000 }),
        resamples: fc.constantFrom(0, 2, 10, 500),
        rule: fc.constantFrom('lowestCost' as const, 'reference' as const),
        restarts: fc.integer({ min: 1, max: 1000 }),
        projection: fc.integer({ min: 2, max: 100_000 }),
        seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        estimator: fc.constantFrom(...ESTIMATORS),
        ensemble: fc.constantFrom(...ENSEMBLES),
        center: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(options, (given) => {
        const settings = checkGeometry({ network }, given);
        const text = writeGeometryText(settings);
        if (text !== '') expect(settingsKey(readGeometryText(text))).toBe(settingsKey(settings));
      }),
    );
  });

  it.each([
    ['draw:random', /draw among notebook, seeded/],
    ['each:3', /examples per class from 4/],
    ['images:', /expected parts such as draw:seeded/],
    ['estimator:magic', /estimator among meanField, glue, simulation/],
    ['labels:odd', /ensemble among uniform, balanced, oneVersusRest/],
    ['center:maybe', /expected parts such as/],
    ['kappa:1e999', /expected parts|finite kappa/],
    ['constructor:1', /expected parts such as/],
    ['draw', /expected parts such as/],
  ])('%s is refused with what is wrong', (text, problem) => {
    expect(() => readGeometryText(text)).toThrow(problem);
  });
});
