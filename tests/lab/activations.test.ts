import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { notebookDraw } from '../../src/ml/data/notebookDraw.ts';
import { openActivations } from '../../src/ml/formats/activationFile.ts';
import { bytesSource } from '../../src/ml/formats/byteSource.ts';
import {
  analyzeManifolds,
  debiasedCkaEstimates,
  glueGeometry,
  groupByLabel,
} from '../../src/ml/geometry/index.ts';
import { analyzeSpectrum } from '../../src/ml/spectrum/analyzeSpectrum.ts';
import { createProfile } from './browserProfile.ts';

const profile = createProfile();
afterEach(() => profile.closeAll());

const NAME = 'torchActivations.npz';
const bytes = new Uint8Array(readFileSync(`tests/fixtures/data/${NAME}`));

test('three layers of a network of PyTorch have the geometry and the spectrum of their values', async () => {
  const { api } = await profile.open({ comesBack: false });
  const info = await api.openActivations(new File([bytes], NAME));
  expect(info).toMatchObject({ count: 500, classNames: expect.arrayContaining(['seven', 'two']) });
  expect(info.layers.map(({ name, shape }) => [name, ...shape])).toEqual([
    ['conv', 4, 5, 5],
    ['hidden', 24],
    ['logits', 10],
  ]);
  const options = { examplesPerClass: 20, samples: 50, resamples: 0, restarts: 5, seed: 3 };
  const found = await api.geometry({ source: 'activations', ...options });

  const file = await openActivations([bytesSource(bytes, NAME)]);
  const drawn = notebookDraw(file.labels, { classes: 10, examplesPerClass: 20 });
  const indices = Int32Array.from(drawn.flatMap((each) => [...each.indices]));
  for (const layer of ['conv', 'hidden', 'logits']) {
    const { data, columns } = await file.rows(layer, indices);
    const labels = Array.from(indices, (index) => file.labels[index]);
    const rows = { data: Float64Array.from(data), rows: indices.length, columns };
    const { manifolds } = groupByLabel(rows, labels);
    const direct = analyzeManifolds(manifolds, {
      kappa: 0,
      samples: 50,
      seed: 3,
      rule: 'lowestCost',
      restarts: 5,
    });
    for (const figure of ['capacity', 'radius', 'radiusMedian', 'dimension', 'centerCorrelation'] as const) {
      expect(Math.abs(found[layer][figure] / direct[figure] - 1), `${layer}, ${figure}`).toBeLessThan(1e-9);
    }
  }
  const spectrum = await api.spectrum({ source: 'activations', layer: 'hidden', count: 100 });
  const { data, columns } = await file.rows(
    'hidden',
    Int32Array.from({ length: 100 }, (_, i) => i),
  );
  const direct = analyzeSpectrum({ data: Float64Array.from(data), rows: 100, columns });
  spectrum.singularValues.forEach((value, i) => {
    expect(value).toBeCloseTo(direct.singularValues[i], 9);
  });
});

test('GLUE of the file has the library’s figures, and says its labelings and centering', async () => {
  const { api } = await profile.open({ comesBack: false });
  await api.openActivations(new File([bytes], NAME));
  const glue = { estimator: 'glue', ensemble: 'balanced', center: false } as const;
  const options = { ...glue, examplesPerClass: 12, samples: 40, resamples: 0, restarts: 2, seed: 3 };
  const found = await api.geometry({ source: 'activations', layers: ['conv', 'logits'], ...options });
  const file = await openActivations([bytesSource(bytes, NAME)]);
  const drawn = notebookDraw(file.labels, { classes: 10, examplesPerClass: 12 });
  const indices = Int32Array.from(drawn.flatMap((each) => [...each.indices]));
  for (const layer of ['conv', 'logits']) {
    const { data, columns } = await file.rows(layer, indices);
    const labels = Array.from(indices, (index) => file.labels[index]);
    const rows = { data: Float64Array.from(data), rows: indices.length, columns };
    const { manifolds } = groupByLabel(rows, labels);
    const settings = { ensemble: 'balanced', center: false, samples: 40, seed: 3 } as const;
    const { perSample: _, ...direct } = glueGeometry(manifolds, settings);
    expect(found[layer].glue).toMatchObject({ ...direct, ensemble: 'balanced', center: false });
  }
});

test('the layers of the file are compared over the same images', async () => {
  const { api } = await profile.open({ comesBack: false });
  await api.openActivations(new File([bytes], NAME));
  const found = await api.similarity({ source: 'activations', count: 60 });
  expect(found).toMatchObject({ rows: ['conv', 'hidden', 'logits'], count: 60 });
  const file = await openActivations([bytesSource(bytes, NAME)]);
  const indices = Int32Array.from({ length: 60 }, (_, i) => i);
  const layers = await Promise.all(
    found.rows.map(async (layer) => {
      const { data, columns } = await file.rows(layer, indices);
      return { data: Float64Array.from(data), rows: 60, columns };
    }),
  );
  const { values, errors } = debiasedCkaEstimates(layers);
  expect(found).toMatchObject({ values, errors });
  expect([errors[0], errors[4], errors[8]]).toEqual([0, 0, 0]);
  expect(errors[1]).toBeGreaterThan(0);
  await expect(api.similarity({ source: 'activations', layers: ['fc'] })).rejects.toThrow(/conv, hidden/);
});

test('errors over images come from other images of the file', async () => {
  const { api } = await profile.open({ comesBack: false });
  await api.openActivations(new File([bytes], NAME));
  const few = { layers: ['logits'], examplesPerClass: 8, samples: 10, resamples: 2, restarts: 2 };
  const { logits } = await api.geometry({ source: 'activations', ...few });
  expect(logits.resampled?.kind).toBe('redraws');
  expect(new Set(logits.resampled?.resamples.map((each) => JSON.stringify(each))).size).toBe(2);
  expect(logits.exampleErrors).toMatchObject({ capacity: expect.any(Number) });
});

test('questions without activations, or about missing layers, get an error that says what to do', async () => {
  const { api } = await profile.open({ comesBack: false });
  await expect(api.geometry({ source: 'activations' })).rejects.toThrow(/lab\.openActivations/);
  await api.openActivations(new File([bytes], NAME));
  await expect(api.spectrum({ source: 'activations', layer: 'fc' })).rejects.toThrow(/conv, hidden, logits/);
  await expect(api.geometry({ source: 'activations', examplesPerClass: 400 })).rejects.toThrow(
    /in the smallest/,
  );
});
