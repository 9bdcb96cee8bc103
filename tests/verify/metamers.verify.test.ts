import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/ml/engines/engine.ts';
import { createTfjsEngine } from '../../src/ml/engines/tfjs/engine.ts';
import { createWasmEngine } from '../../src/ml/engines/wasm/engine.ts';
import { generateMetamers } from '../../src/ml/metamers/generate.ts';
import { judgeMetamers } from '../../src/ml/metamers/judge.ts';
import { nullDistribution } from '../../src/ml/metamers/nulls.ts';
import { startingImage } from '../../src/ml/metamers/start.ts';
import { notebookNetwork } from '../../src/ml/model/network.ts';
import { goldenArray, goldenJson, goldenModel, mnist } from '../unit/engines/golden.ts';
import { record } from './record.ts';

interface GoldenMetamers {
  runs: Record<
    string,
    { loss_first_100_f64: number[]; accumulate_variant: { loss_first_100_f64: number[] } }
  >;
}

const network = notebookNetwork();
const { runs } = goldenJson<GoldenMetamers>('metamer');
const reference = Float32Array.from(goldenArray('metamer', 'reference'));
const init = Float32Array.from(goldenArray('metamer', 'init'));
const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe.each([
  { id: 'wasm', create: () => createWasmEngine({ network }) },
  { id: 'tfjs-cpu', create: () => createTfjsEngine({ network, backend: 'cpu' }) },
])('golden metamers on $id', ({ id, create }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await create();
    await engine.load({ parameters: goldenModel('model_trained') });
  });

  it.each([
    { layer: 'conv', loss: 1e-5, at100: 1e-4, at1000: 2e-3 },
    { layer: 'relu', loss: 1e-5, at100: 1e-4, at1000: 2e-3 },
    { layer: 'fc', loss: 1e-4, at100: 5e-3, at1000: 5e-2 },
  ])('makes the metamer at $layer', async ({ layer, loss, at100, at1000 }) => {
    const before = await engine.parameters();
    const settings = { layer, iterations: 1000 };
    const run = await generateMetamers(engine, reference.slice(), init, settings, { keep: [100, 1000] });
    const relative = (found: Float64Array, expected: number[]) =>
      expected.reduce((most, value, i) => Math.max(most, Math.abs(found[i] / value - 1)), 0);
    const lossError = relative(run.losses[0], runs[layer].loss_first_100_f64);
    const errors = run.kept.map(({ iteration, images }) =>
      largest(images, goldenArray('metamer', `${layer}/image_${iteration}`)),
    );
    expect(lossError).toBeLessThanOrEqual(loss);
    expect(errors[0]).toBeLessThanOrEqual(at100);
    expect(errors[1]).toBeLessThanOrEqual(at1000);
    const accumulated = await generateMetamers(engine, reference, init, { layer, accumulate: true });
    expect(
      relative(accumulated.losses[0], runs[layer].accumulate_variant.loss_first_100_f64),
    ).toBeLessThanOrEqual(loss);
    const accumulatedError = largest(
      accumulated.last.images,
      goldenArray('metamer', `${layer}/accumulate_image_100`),
    );
    expect(accumulatedError).toBeLessThanOrEqual(5e-3);
    for (const [name, values] of Object.entries(await engine.parameters())) {
      expect(Buffer.compare(Buffer.from(values.buffer), Buffer.from(before[name].buffer)), name).toBe(0);
    }
    const show = (value: number) => value.toExponential(1);
    record(
      `${layer} metamer on ${id}: losses; image after 100, 1000, accumulating 100`,
      [loss, at100, at1000, 5e-3].map(show).join(' '),
      [lossError, ...errors, accumulatedError].map(show).join(' '),
    );
  });
});

it('makes metamers of ten starts: conv looks like the digit, fc does not', async () => {
  const engine = await createWasmEngine({ network });
  await engine.load({ parameters: goldenModel('model_trained') });
  const nulls = await nullDistribution(
    engine,
    Float32Array.from(mnist('t10k', 64).images, (byte) => byte / 255),
  );
  const starts = Float32Array.from(
    Array.from({ length: 10 }, (_, seed) => [
      ...startingImage({ kind: 'noise', scale: 1, mean: 0, seed }, 784),
    ]).flat(),
  );
  const references = Float32Array.from({ length: 7840 }, (_, i) => reference[i % 784]);
  for (const layer of ['conv', 'fc']) {
    const { last } = await generateMetamers(engine, references, starts, { layer, iterations: 1000 });
    const judged = await judgeMetamers(engine, references, last.images, { layer, nulls });
    const correlations = judged.map(({ pixelCorrelation }) => pixelCorrelation);
    for (const { pixelCorrelation, metamer, failures } of judged) {
      expect(metamer.prediction).toBe(5);
      expect(failures).toEqual([]);
      if (layer === 'conv') {
        expect(pixelCorrelation).toBeGreaterThan(0.98);
      } else {
        expect(pixelCorrelation).toBeLessThan(0.25);
      }
    }
    const measured = `${Math.min(...correlations).toFixed(4)} to ${Math.max(...correlations).toFixed(4)}`;
    record(
      `pixel correlation of ten ${layer} metamers`,
      layer === 'conv' ? 'above .98' : 'below .25',
      measured,
    );
  }
});
