import type { TrainingStep } from '../../../src/ml/engines/engine.ts';
import { createWasmEngine, type WasmEngine } from '../../../src/ml/engines/wasm/engine.ts';
import { initialParameters } from '../../../src/ml/model/initialize.ts';
import { notebookNetwork, parameterShapes, sizeOf } from '../../../src/ml/model/network.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';
import { spawnWasmMember } from '../../../src/workers/wasmPool.ts';

export interface PoolReport {
  isolated: boolean;
  description: string;
  /** Number of values of parameters and moments that differ between one worker and the pool, after training. */
  different: number;
  compared: number;
  /** Milliseconds per step: the fastest round of each, because other work may use the cores. */
  alone: number;
  pool: number;
}

const ROUNDS = 25;
const STEPS = 10;
const network = notebookNetwork();
const random = new Mt19937(1);
const images = Uint8Array.from({ length: 640 * 784 }, () => random.random() & 255);
const labels = Uint8Array.from({ length: 640 }, (_, i) => (i * 7) % 10);
const steps: TrainingStep[] = Array.from({ length: STEPS }, (_, step) => ({
  indices: Int32Array.from({ length: 64 }, (_, i) => step * 64 + i),
  learningRate: 1e-3,
}));

async function start(workers: number): Promise<WasmEngine> {
  const engine = await createWasmEngine({ network, workers, spawn: spawnWasmMember });
  await engine.load({ parameters: initialParameters(network, new Mt19937(111)) });
  await engine.setData(images, labels);
  return engine;
}

async function millisecondsPerStep(engine: WasmEngine): Promise<number> {
  const start = performance.now();
  await engine.train(steps);
  return (performance.now() - start) / STEPS;
}

async function compare(workers: number): Promise<PoolReport> {
  const alone = await start(1);
  const pool = await start(workers);
  const times: { alone: number[]; pool: number[] } = { alone: [], pool: [] };
  for (let round = 0; round < ROUNDS; round++) {
    times.alone.push(await millisecondsPerStep(alone));
    times.pool.push(await millisecondsPerStep(pool));
  }
  const [expected, found] = [await alone.state(), await pool.state()];
  let different = 0;
  let compared = 0;
  for (const { name, shape } of parameterShapes(network)) {
    for (const kind of ['parameters', 'exp_avg', 'exp_avg_sq']) {
      const of = ({ parameters, optimizer }: typeof expected) =>
        (kind === 'parameters' ? parameters : optimizer.slots[kind])[name];
      const values = of(found);
      different += of(expected).filter((value, i) => value !== values[i]).length;
      compared += sizeOf(shape);
    }
  }
  const report: PoolReport = {
    isolated: crossOriginIsolated,
    description: pool.description,
    different,
    compared,
    alone: Math.min(...times.alone),
    pool: Math.min(...times.pool),
  };
  await pool.dispose();
  return report;
}

self.onmessage = ({ data }: MessageEvent<number>) => {
  compare(data).then((report) => self.postMessage(report), reportError);
};
