import { describe, expect, it } from 'vitest';
import { analyzeSpectrum, analyzeSpectrumSteps } from '../../../src/ml/spectrum/analyzeSpectrum.ts';
import { principalComponents } from '../../../src/ml/spectrum/principalComponents.ts';
import { singularValues } from '../../../src/ml/spectrum/singularValues.ts';
import { readJson } from '../geometry/golden.ts';
import { forward, readImages, readTensors } from '../geometry/network.ts';

interface Pca {
  projection: number[][];
  components?: number[][];
  mean: number[] | null;
  explained_variance: number[];
  explained_variance_ratio: number[];
  singular_values: number[];
}

const golden = readJson<{
  fc_activations_f64: number[][];
  fc_singular_values_f64: number[];
  relu_singular_values_f64: number[];
  pca_fc_f64: Pca;
  pca_relu_f64: Pca;
}>('svd_pca.json');

const images = readImages(Array.from({ length: 100 }, (_, i) => i));
const activations = forward(readTensors('model_trained.safetensors'), images);

function worstRelative(found: Float64Array, expected: number[]): number {
  expect(found.length).toBe(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(found[i] / value - 1)));
}

it('the test’s own network gives the reference’s logits', () => {
  golden.fc_activations_f64.flat().forEach((value, i) => {
    expect(activations.fc.data[i]).toBeCloseTo(value, 10);
  });
});

// scikit-learn used its randomized solver for the relu matrix, whose projections differ by up to 3.0e-3 from its own
// full decomposition (which ours equals within 1e-9); for fc it used the full one.
const tolerances = { fc: { projection: 1e-8, variance: 1e-9 }, relu: { projection: 4e-3, variance: 1e-6 } };

describe.each(['fc', 'relu'] as const)('the notebook’s hundred images, layer %s', (layer) => {
  const exact = activations[layer];
  const rounded = { ...exact, data: Float32Array.from(exact.data) };
  const values = golden[`${layer}_singular_values_f64`];
  const pca = golden[`pca_${layer}_f64`];

  it('have the reference’s singular values', () => {
    expect(worstRelative(singularValues(exact), values)).toBeLessThan(1e-9);
    expect(worstRelative(singularValues(rounded), values)).toBeLessThan(1e-5);
  });

  it('have scikit-learn’s principal components, signs included', () => {
    const found = principalComponents(exact);
    const { projection, variance } = tolerances[layer];
    pca.projection.forEach((row, i) => {
      row.forEach((value, c) => {
        expect(Math.abs(found.projection.data[i * 2 + c] - value)).toBeLessThan(projection);
      });
    });
    pca.components?.flat().forEach((value, i) => {
      expect(found.components.data[i]).toBeCloseTo(value, 9);
    });
    pca.mean?.forEach((value, i) => {
      expect(found.mean[i]).toBeCloseTo(value, 9);
    });
    expect(worstRelative(found.explainedVariance, pca.explained_variance)).toBeLessThan(variance);
    expect(worstRelative(found.explainedVarianceRatio, pca.explained_variance_ratio)).toBeLessThan(variance);
    expect(worstRelative(found.singularValues, pca.singular_values)).toBeLessThan(variance);
  });

  it('keep their projection in float32', () => {
    const found = principalComponents(rounded).projection.data;
    principalComponents(exact).projection.data.forEach((value, i) => {
      expect(Math.abs(found[i] - value)).toBeLessThan(1e-4);
    });
  });

  it('have the same spectrum at once and in steps', () => {
    const whole = analyzeSpectrum(exact, { components: 3 });
    expect(worstRelative(whole.singularValues, values)).toBeLessThan(1e-9);
    const squares = values.map((value) => value ** 2);
    const total = squares.reduce((sum, value) => sum + value);
    const fourths = squares.reduce((sum, value) => sum + value ** 2, 0);
    expect(whole.participationRatio).toBeCloseTo(total ** 2 / fourths, 8);
    let sum = 0;
    const needed = squares.findIndex((value) => {
      sum += value / total;
      return sum >= 0.95;
    });
    expect(whole.componentsFor95).toBe(needed + 1);
    expect(whole.pca.projection.columns).toBe(3);
    const steps = analyzeSpectrumSteps(exact, { components: 3 });
    let last = 0;
    let step = steps.next();
    while (!step.done) {
      expect(step.value).toBeGreaterThanOrEqual(last);
      last = step.value;
      step = steps.next();
    }
    expect(last).toBeLessThanOrEqual(1);
    expect(step.value).toEqual(whole);
  });
});

describe('principal components', () => {
  it('are those of a full decomposition', () => {
    // Residual of the eigenvector equation of the centered matrix, and orthonormality.
    const { data, rows, columns } = activations.relu;
    const {
      components,
      mean,
      singularValues: values,
      projection,
    } = principalComponents(activations.relu, {
      components: 3,
    });
    for (let c = 0; c < 3; c++) {
      const image = new Float64Array(columns);
      for (let i = 0; i < rows; i++) {
        for (let k = 0; k < columns; k++) {
          image[k] += projection.data[i * 3 + c] * (data[i * columns + k] - mean[k]);
        }
      }
      let error = 0;
      for (let k = 0; k < columns; k++) {
        error += (image[k] - values[c] ** 2 * components.data[c * columns + k]) ** 2;
      }
      expect(Math.sqrt(error)).toBeLessThan(1e-10 * values[0] ** 2);
      for (let d = 0; d <= c; d++) {
        let dot = 0;
        for (let k = 0; k < columns; k++) {
          dot += components.data[c * columns + k] * components.data[d * columns + k];
        }
        expect(dot).toBeCloseTo(c === d ? 1 : 0, 10);
      }
    }
  });
});
