import { expect } from 'vitest';
import type { Engine } from '../../../src/ml/engines/engine.ts';
import type { Parameters } from '../../../src/ml/model/parameters.ts';
import { goldenJson, goldenModel, mnist } from './golden.ts';

interface Trajectory {
  sample_idx: Record<string, number[]>;
  float64: {
    loss: number[];
    acc: number[];
    snap: Record<string, Record<string, { norm: number; sample: number[] }>>;
  };
}

/**
 * Follows the golden trajectory: Adam from model_init over training images in file order, 64 per step. Fails outside
 * the tolerances of tests/golden/README.md. Disposes the engine.
 * @returns the largest deviation of a loss from that of float64.
 */
export async function followTrajectory(engine: Engine, steps: number): Promise<number> {
  const { float64, sample_idx } = goldenJson<Trajectory>('trajectory');
  const { images, labels } = mnist('train', 64 * steps);
  await engine.load({ parameters: goldenModel('model_init') });
  await engine.setData(images, labels);
  let deviation = 0;
  for (let done = 0; done < steps; ) {
    const until = [1, 10, 100].find((updates) => updates > done && updates <= steps) ?? steps;
    const { losses, correct } = await engine.train(
      Array.from({ length: until - done }, (_, i) => ({
        indices: Int32Array.from({ length: 64 }, (_, k) => 64 * (done + i) + k),
        learningRate: 1e-3,
      })),
    );
    losses.forEach((loss, i) => {
      const expected = float64.loss[done + i];
      const tolerance = done + i === 0 ? 1e-6 : done + i < 10 ? 5e-6 : Math.min(5e-5, 2e-4 * expected);
      const difference = Math.abs(loss - expected);
      expect(difference, `loss of step ${done + i + 1}`).toBeLessThanOrEqual(tolerance);
      deviation = Math.max(deviation, difference);
    });
    expect([...correct]).toEqual(float64.acc.slice(done, until));
    done = until;
    if (float64.snap[done]) {
      checkSnapshot(await engine.parameters(), float64.snap[done], sample_idx, done);
    }
  }
  await engine.dispose();
  return deviation;
}

function checkSnapshot(
  parameters: Parameters,
  snapshot: Trajectory['float64']['snap'][string],
  indices: Trajectory['sample_idx'],
  updates: number,
): void {
  for (const [name, { norm, sample }] of Object.entries(snapshot)) {
    const values = parameters[name];
    const found = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    expect(Math.abs(found / norm - 1), `norm of ${name}`).toBeLessThanOrEqual(updates === 100 ? 2e-5 : 1e-6);
    const late = name === 'fc.weight' ? 1e-3 : name === 'fc.bias' ? 1e-6 : 2e-4;
    const tolerance = updates === 1 ? 1e-7 : updates === 10 ? 1e-6 : late;
    sample.forEach((expected, i) => {
      const difference = Math.abs(values[indices[name][i]] - expected);
      expect(difference, `${name} sample ${i} after ${updates} updates`).toBeLessThanOrEqual(tolerance);
    });
  }
}
