import { createHash } from 'node:crypto';
import { createWasmEngine } from '../../src/ml/engines/wasm/engine.ts';
import { type Arithmetic, availableArithmetic } from '../../src/ml/engines/wasm/kernels.ts';
import { notebookNetwork } from '../../src/ml/model/network.ts';
import { TrainingRun } from '../../src/ml/training/run.ts';
import { mnist } from '../unit/engines/golden.ts';

const made = new Map<Arithmetic, Promise<string>>();

/**
 * SHA-256 of the weights, by name, after one epoch of seed 111 in Node with this arithmetic; undefined if this Node
 * lacks fused multiply-add.
 */
export async function epochInNode(arithmetic: Arithmetic): Promise<string | undefined> {
  if (arithmetic === 'fused' && (await availableArithmetic()) === 'plain') return undefined;
  let epoch = made.get(arithmetic);
  if (!epoch) {
    epoch = trainEpoch(arithmetic);
    made.set(arithmetic, epoch);
  }
  return epoch;
}

async function trainEpoch(arithmetic: Arithmetic): Promise<string> {
  const engine = await createWasmEngine({ network: notebookNetwork(), arithmetic });
  const train = mnist('train', 60_000);
  const test = mnist('t10k', 10_000);
  await engine.setData(train.images, train.labels);
  const run = new TrainingRun(engine, train, test, { batchSize: 64, learningRate: '1e-3' });
  await run.reset(111);
  await run.train({ epochs: 1 }, { next: async () => 50 });
  const parameters = await engine.parameters();
  const hash = createHash('sha256');
  for (const name of Object.keys(parameters).sort()) hash.update(parameters[name]);
  await engine.dispose();
  return hash.digest('hex');
}
