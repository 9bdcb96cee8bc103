/** The code that `gpu.mjs` runs, in one bundle. */

import { readFile } from 'node:fs/promises';
import type { DataSet } from '../../src/ml/data/dataset.ts';
import { loadShipped } from '../../src/ml/data/load.ts';
import { forwardPlan } from '../../src/ml/engines/webgpu/kernels/forward.ts';
import { headStride } from '../../src/ml/engines/webgpu/kernels/head.ts';
import { networkSizes } from '../../src/ml/engines/webgpu/kernels/sizes.ts';
import { fitTile, hardwareTuning, tileCount } from '../../src/ml/engines/webgpu/kernels/tile.ts';
import type { NetworkDescription } from '../../src/ml/model/network.ts';

export { acquireDevice, adapterName } from '../../src/ml/engines/webgpu/device/device.ts';
export { createWebGpuEngine } from '../../src/ml/engines/webgpu/engine.ts';
export { evaluate } from '../../src/ml/evaluation/evaluate.ts';
export { notebookNetwork } from '../../src/ml/model/network.ts';
export { TrainingRun } from '../../src/ml/training/run.ts';

/** MNIST from the checkout's files in the folder `public`. */
export async function readMnist(): Promise<DataSet> {
  const { data } = await loadShipped('mnist', {
    baseUrl: 'http://localhost/mnist/',
    cache: null,
    fetch: async (url) => new Response(await readFile(`public${new URL(String(url)).pathname}`)),
  });
  return data;
}

/**
 * Minimum number of bytes that one step moves, counting each buffer once per pass: weights are read twice and written
 * once with both moments; the batch is written twice and read by both passes; partial logits, d(logits) and the parts
 * of the filters' gradients are written and read.
 */
export function stepTraffic(network: NetworkDescription, batch: number): number {
  const sizes = networkSizes(network);
  const tuning = hardwareTuning(sizes);
  const { blocks } = forwardPlan(sizes, tuning.forward, batch);
  const tiles = tileCount(sizes, fitTile(sizes, tuning.backward.tile));
  const weights = 7 * sizes.units * sizes.outputs;
  const images = (1 / 4 + 4) * batch * sizes.pixels;
  const partialLogits = 2 * blocks * sizes.outputs * batch;
  const head = 2 * batch * headStride(sizes);
  const shares = 2 * sizes.filters * (sizes.taps + 1) * tiles;
  return 4 * (weights + images + partialLogits + head + shares);
}
