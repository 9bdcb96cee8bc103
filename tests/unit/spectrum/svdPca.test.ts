import { describe, expect, it } from 'vitest';
import { alignProjection } from '../../../src/ml/spectrum/alignment.ts';
import { analyzeSpectrum } from '../../../src/ml/spectrum/analyzeSpectrum.ts';
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
  fc_singular_values_f32: number[];
  relu_singular_values_f64: number[];
  relu_singular_values_f32: number[];
  pca_fc_f64: Pca;
  pca_relu_f64: Pca;
}>('svd_pca.json');

const parameters = readTensors('model_trained.safetensors');
const images = readImages(Array.from({ length: 100 }, (_, i) => i));
const activations = { fc: forward(parameters, images, 'fc'), relu: forward(parameters, images, 'relu') };

function worstRelative(found: Float64Array, expected: number[]): number {
  expect(found.length).toBe(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(found[i] / value - 1)));
}

describe.each(['fc', 'relu'] as const)('the notebook, layer %s', (layer) => {
  const exact = activations[layer];
  const rounded = { ...exact, data: Float32Array.from(exact.data) };
  const values = golden[`${layer}_singular_values_f64`];
  const pca = golden[`pca_${layer}_f64`];

  it('has the singular values of the reference', () => {
    console.log(
      layer,
      worstRelative(singularValues(exact), values),
      worstRelative(singularValues(rounded), values),
    );
    expect(worstRelative(singularValues(exact), values)).toBeLessThan(1e-9);
    expect(worstRelative(singularValues(rounded), values)).toBeLessThan(1e-5);
  });

  it('has the principal components of scikit-learn, signs included', () => {
    const found = principalComponents(exact);
    console.log(
      pca.projection
        .flatMap((row, i) => row.map((x, c) => Math.abs(found.projection.data[i * 2 + c] - x)))
        .reduce((a, b) => Math.max(a, b)),
    );
    pca.projection.forEach((row, i) => {
      row.forEach((value, c) => {
        expect(Math.abs(found.projection.data[i * 2 + c] - value)).toBeLessThan(1e-8);
      });
    });
    expect(worstRelative(found.explainedVariance, pca.explained_variance)).toBeLessThan(1e-9);
    expect(worstRelative(found.explainedVarianceRatio, pca.explained_variance_ratio)).toBeLessThan(1e-9);
    expect(worstRelative(found.singularValues, pca.singular_values)).toBeLessThan(1e-9);
  });
});
it('times', () => {
  const big = forward(parameters, readImages(Array.from({ length: 500 }, (_, i) => i)), 'relu');
  let t = performance.now();
  const s = analyzeSpectrum(big);
  console.log(
    '500x21632',
    performance.now() - t,
    s.participationRatio,
    s.componentsFor95,
    s.pca.participationRatio,
  );
  const inp = forward(parameters, readImages(Array.from({ length: 2000 }, (_, i) => i)), 'input');
  t = performance.now();
  const s2 = analyzeSpectrum(inp);
  console.log(
    '2000x784',
    performance.now() - t,
    s2.participationRatio,
    s2.componentsFor95,
    s2.singularValues.slice(-120, -100),
  );
  t = performance.now();
  const s3 = analyzeSpectrum(activations.relu);
  console.log('100 relu', performance.now() - t);
  t = performance.now();
  const s4 = analyzeSpectrum(activations.fc);
  console.log('100 fc', performance.now() - t);
  t = performance.now();
  const s5 = analyzeSpectrum({ ...inp, rows: 100, data: inp.data.slice(0, 78400) });
  console.log('100 input', performance.now() - t);
});
