import { afterAll, expect, it } from 'vitest';
import { estimateFurther, resampleGlue } from '../../src/lab/geometry/estimators.ts';
import { createGeometryPool } from '../../src/lab/geometry/geometryPool.ts';
import { checkAnalysis } from '../../src/lab/geometry/geometrySettings.ts';
import { analyzeWithErrors } from '../../src/lab/geometry/layerAnalysis.ts';
import { glueGeometry, groupByLabel } from '../../src/ml/geometry/index.ts';
import type { GeometryCalls } from '../../src/workers/geometryProtocol.ts';
import { connect } from '../../src/workers/rpc.ts';
import { randomClouds } from '../unit/geometry/clouds.ts';
import { spawnInNode } from './nodeWorkers.ts';

const open: { terminate(): void }[] = [];
afterAll(() => {
  for (const worker of open) worker.terminate();
});

function poolOf(size: number) {
  return createGeometryPool(() => {
    const worker = spawnInNode('geometry', 'geometry');
    open.push(worker);
    return connect<GeometryCalls, never>(worker);
  }, size);
}

const clouds = randomClouds({ manifolds: 5, points: 9, dimensions: 40 });
const job = {
  labels: clouds.flatMap(({ rows }, label) => Array.from({ length: rows }, () => label)),
  layer: 'given',
  rows: { data: Float64Array.from(clouds.flatMap(({ data }) => [...data])), columns: 40 },
  seed: 6,
};
const settings = { estimator: 'glue', ensemble: 'balanced', center: false, samples: 45 } as const;

it('GLUE has the figures of the synchronous function however many workers share its samples', async () => {
  const { manifolds } = groupByLabel({ ...job.rows, rows: 45 }, job.labels);
  const { perSample: _, ...expected } = glueGeometry(manifolds, { ...settings, seed: 6 });
  for (const size of [1, 3]) {
    const pool = poolOf(size);
    const meanField = await pool.analyze({
      ...{ job, kappa: 0, samples: 20 },
      search: { rule: 'lowestCost', restarts: 5, warmStart: [] },
    });
    const fractions: number[] = [];
    const { glue } = await estimateFurther(pool, job, settings, meanField, {
      onProgress: ({ fraction }) => fractions.push(fraction),
    });
    expect(glue).toMatchObject({ ...expected, ensemble: 'balanced', center: false });
    expect(glue?.companions.neuralCollapse).toBeGreaterThan(0);
    expect(fractions.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
    if (!glue) continue;
    const draws = [{ seed: 1 }, { seed: 2 }];
    const resampled = await resampleGlue(pool, { job, draws, kind: 'halves', samples: 20 }, glue, {});
    expect(resampled.imageErrors?.capacity).toBeGreaterThanOrEqual(0);
    expect(resampled.resampled?.resamples).toHaveLength(2);
    const { simulation } = await estimateFurther(
      pool,
      job,
      { ...settings, estimator: 'simulation' },
      meanField,
      {},
    );
    expect(simulation?.capacity).toBeGreaterThan(0);
    expect(await estimateFurther(pool, job, { ...settings, estimator: 'meanField' }, meanField, {})).toEqual(
      {},
    );
  }
});

it('GLUE stops at once when it is canceled', async () => {
  const pool = poolOf(2);
  const controller = new AbortController();
  const asked = pool.glueSpan({ job, center: true }, { signal: controller.signal });
  controller.abort();
  await expect(asked).rejects.toThrow(/abort/i);
});

it('reports progress up to the summary of GLUE, although no errors over images follow', async () => {
  const pool = poolOf(2);
  let latest = 0;
  const atStart: Record<string, number> = {};
  const marked: typeof pool = {
    ...pool,
    glueSpan: (...given) => {
      atStart.span = latest;
      return pool.glueSpan(...given);
    },
    glueSummary: (...given) => {
      atStart.summary = latest;
      return pool.glueSummary(...given);
    },
  };
  const many = randomClouds({ manifolds: 10, points: 20, dimensions: 150 });
  const large = {
    ...job,
    labels: many.flatMap(({ rows }, label) => Array.from({ length: rows }, () => label)),
    rows: { data: Float64Array.from(many.flatMap(({ data }) => [...data])), columns: 150 },
  };
  const analysis = checkAnalysis({ estimator: 'glue', samples: 200, resamples: 0, restarts: 5 });
  const { glue } = await analyzeWithErrors(
    marked,
    { job: large, settings: analysis, units: 150 },
    () => Promise.reject(new Error('expected no redraws')),
    {
      onProgress({ fraction }) {
        expect(fraction).toBeGreaterThanOrEqual(latest);
        latest = fraction;
      },
    },
  );
  expect(glue?.samples).toBe(200);
  // Mean-field theory is the first fifth; the samples of GLUE end before the summary.
  expect(atStart.span).toBeLessThanOrEqual(0.2);
  expect(atStart.summary).toBeGreaterThan(0.3);
  expect(atStart.summary).toBeLessThan(0.97);
});
