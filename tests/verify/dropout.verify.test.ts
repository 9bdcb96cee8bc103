import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Engine } from '../../src/ml/engines/engine.ts';
import { createWasmEngine } from '../../src/ml/engines/wasm/engine.ts';
import { evaluate } from '../../src/ml/evaluation/evaluate.ts';
import { initialParameters } from '../../src/ml/model/initialize.ts';
import { parseNetworkText } from '../../src/ml/model/text.ts';
import { Mt19937 } from '../../src/ml/random/mt19937.ts';
import { mnist } from '../unit/engines/golden.ts';
import { record } from './record.ts';

interface Reference {
  steps: number;
  runs: { seed: number; correct: number; lateLoss: number }[];
}

/** PyTorch's runs, made by tests/fixtures/dropout/make.py. */
const reference: Reference = JSON.parse(
  readFileSync(new URL('../fixtures/dropout/accuracy.json', import.meta.url), 'utf8'),
);
const network = parseNetworkText('conv 8 5x5, relu, pool 2, dropout 0.25, fc 32, relu, dropout 0.5, fc 10');

/** Trains on the batches of the fixture, in the file's order. */
async function train(engine: Engine, seed: number, steps: number): Promise<Float32Array> {
  await engine.load({ parameters: initialParameters(network, new Mt19937(seed)) });
  const { losses } = await engine.train(
    Array.from({ length: steps }, (_, step) => ({
      indices: Int32Array.from({ length: 64 }, (__, i) => 64 * step + i),
      learningRate: 1e-3,
      dropoutSeed: seed,
    })),
  );
  return losses;
}

function meanAndError(values: number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (values.length - 1) / values.length) };
}

it('training with dropout reaches PyTorch’s accuracy and loss, within the spread over seeds', async () => {
  const { steps, runs } = reference;
  const training = mnist('train', 64 * steps);
  const test = mnist('t10k', 10_000);
  const engine = await createWasmEngine({ network });
  await engine.setData(training.images, training.labels);
  const correct: number[] = [];
  const lateLosses: number[] = [];
  for (const { seed } of runs) {
    const losses = await train(engine, seed, steps);
    lateLosses.push(losses.slice(-100).reduce((sum, loss) => sum + loss / 100, 0));
    const { accuracy } = await evaluate(engine, test.images, test.labels);
    correct.push(Math.round(accuracy * 10_000));
  }
  await engine.dispose();
  for (const [what, found, expected, digits] of [
    ['correct of 10,000', correct, runs.map((run) => run.correct), 1],
    ['training loss of the last 100 steps', lateLosses, runs.map((run) => run.lateLoss), 4],
  ] as const) {
    const [ours, theirs] = [meanAndError([...found]), meanAndError(expected)];
    const most = 3 * Math.hypot(ours.error, theirs.error);
    record(
      `dropout, ${runs.length} seeds: ${what}`,
      `${theirs.mean.toFixed(digits)} ± ${most.toFixed(digits)} (three standard errors of the difference)`,
      ours.mean.toFixed(digits),
    );
    expect(Math.abs(ours.mean - theirs.mean)).toBeLessThanOrEqual(most);
  }
});
