import { expect, it } from 'vitest';
import { createTfjsEngine } from '../../src/ml/engines/tfjs/engine.ts';
import { createWasmEngine } from '../../src/ml/engines/wasm/engine.ts';
import { notebookNetwork } from '../../src/ml/model/network.ts';
import { followTrajectory } from '../unit/engines/trajectory.ts';
import { record } from './record.ts';

it.each([
  { id: 'tfjs-cpu', create: () => createTfjsEngine({ network: notebookNetwork(), backend: 'cpu' }) },
  { id: 'wasm', create: () => createWasmEngine({ network: notebookNetwork() }) },
])('follows the golden trajectory for 100 steps on $id', async ({ id, create }) => {
  const deviation = await followTrajectory(await create(), 100);
  expect(deviation).toBeLessThanOrEqual(5e-5);
  record(`100 training steps on ${id}`, 'losses within 5e-5 of float64', deviation.toExponential(1));
});
