import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createWasmEngine } from '../../src/ml/engines/wasm/engine.ts';
import { notebookNetwork } from '../../src/ml/model/network.ts';
import { TrainingRun } from '../../src/ml/training/run.ts';

/** PyTorch's epoch on the same files, see tests/fixtures/data/fashionEpoch.py. */
const torch: { losses: number[]; trainAccuracy: number; testLoss: number; testAccuracy: number } = JSON.parse(
  readFileSync('tests/fixtures/data/fashionEpoch.json', 'utf8'),
);

it('an epoch on Fashion-MNIST at seed 111 follows PyTorch within the tolerances of MNIST', async () => {
  const engine = await createWasmEngine({ network: notebookNetwork() });
  const [train, test] = [part('train'), part('t10k')];
  await engine.setData(train.images, train.labels);
  const run = new TrainingRun(engine, train, test, { batchSize: 64, learningRate: '1e-3' });
  await run.reset(111);
  const { losses, epochs } = await run.train({ epochs: 1 }, { next: () => 100 });
  await engine.dispose();
  expect(losses).toHaveLength(937);
  const apart = (from: number, to: number) =>
    Math.max(...losses.subarray(from, to).map((loss, i) => Math.abs(loss - torch.losses[from + i])));
  expect(apart(0, 1)).toBeLessThanOrEqual(1e-6);
  expect(apart(1, 10)).toBeLessThanOrEqual(5e-6);
  expect(apart(10, 100)).toBeLessThanOrEqual(5e-5);
  const [epoch] = epochs;
  expect(Math.abs(epoch.trainAccuracy - torch.trainAccuracy)).toBeLessThan(1e-3);
  expect(Math.abs(epoch.testAccuracy - torch.testAccuracy)).toBeLessThan(5e-3);
  expect(Math.abs(epoch.testLoss / torch.testLoss - 1)).toBeLessThan(1e-2);
});

function part(name: 'train' | 't10k') {
  const unpack = (file: string) =>
    new Uint8Array(gunzipSync(readFileSync(`public/fashion-mnist/${name}-${file}-ubyte.gz`)));
  return { images: unpack('images-idx3').slice(16), labels: unpack('labels-idx1').slice(8) };
}
