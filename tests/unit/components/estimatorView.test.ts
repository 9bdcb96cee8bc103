import { expect, it } from 'vitest';
import {
  choicesNote,
  estimatorInterval,
  estimatorLabel,
  idleField,
  intervalsOf,
  measuresOf,
  viewOf,
} from '../../../src/components/geometry/estimatorView.ts';
import { verdictOn } from '../../../src/components/geometry/verdict.ts';
import { checkAnalysis } from '../../../src/lab/geometry/geometrySettings.ts';
import { geometry } from '../lab/keep/examples.ts';

const { result } = geometry;
const results = new Map([['fc', new Map([[40, result]])]]);
const settings = checkAnalysis({ estimator: 'glue', ensemble: 'oneVersusRest', center: false });

it('names the label ensemble and the centering wherever GLUE is named', () => {
  expect(estimatorLabel(settings)).toBe('GLUE, one class versus the rest, not centered');
  for (const { sentence } of measuresOf(settings)) expect(sentence).toContain(estimatorLabel(settings));
  expect(estimatorLabel(checkAnalysis({}))).toBe('Mean-field theory');
});

it('puts the estimator’s figures and errors in the places of the mean-field ones', () => {
  const seen = viewOf(results, settings).get('fc')?.get(40);
  expect(seen).toMatchObject({
    capacity: result.glue?.capacity,
    radiusMedian: result.glue?.radius,
    dimension: result.glue?.dimension,
    centerCorrelation: result.glue?.centerAlignmentCosine,
    resampled: { samples: 100, resamples: [{ figures: { capacity: 1 } }, { figures: { capacity: 2 } }] },
  });
  expect(viewOf(results, checkAnalysis({}))).toBe(results);
  const simulated = viewOf(results, checkAnalysis({ estimator: 'simulation' }))
    .get('fc')
    ?.get(40);
  expect(simulated).toMatchObject({ capacity: 0.4, exampleErrors: undefined });
  const bare = new Map([['fc', new Map([[40, { ...result, glue: undefined }]])]]);
  expect(viewOf(bare, settings).get('fc')?.size).toBe(0);
});

it('judges a change by GLUE’s own redraws', () => {
  const [capacity] = measuresOf(settings);
  const now = viewOf(results, settings).get('fc')?.get(40);
  const before = now && { ...now, capacity: now.capacity - 5 };
  const verdict = verdictOn(capacity, 'median', { before, now }, settings);
  expect(verdict.text).toBe('rose: untangling');
});

it('says what the intervals cover', () => {
  expect(estimatorInterval(settings)).toContain('t and the labels');
  expect(estimatorInterval(checkAnalysis({}))).toContain('the centers’ minima');
  const simulation = checkAnalysis({ estimator: 'simulation' });
  expect(estimatorInterval(simulation)).toContain('over the labelings');
  expect(intervalsOf(simulation).resamples).toBe(0);
});

it('disables the fields that change none of the estimator’s figures, and says why', () => {
  const fields = ['samples', 'kappa', 'rule', 'restarts', 'resamples'] as const;
  const idle = (estimator: 'meanField' | 'glue' | 'simulation') =>
    fields.filter((field) => idleField(checkAnalysis({ estimator }), field).disabled);
  expect(idle('meanField')).toEqual([]);
  expect(idle('glue')).toEqual(['kappa', 'rule', 'restarts']);
  expect(idle('simulation')).toEqual([...fields]);
  expect(idleField(settings, 'kappa').hint).toBe('For mean-field theory only.');
  expect(choicesNote(settings)).toContain('one radius');
  expect(choicesNote(checkAnalysis({}))).toBeUndefined();
});
