import { attack } from '../../src/ml/adversarial/attack.ts';
import type { Engine } from '../../src/ml/engines/engine.ts';
import { createWasmEngine } from '../../src/ml/engines/wasm/engine.ts';
import { generateMetamers } from '../../src/ml/metamers/generate.ts';
import { startingImage } from '../../src/ml/metamers/start.ts';
import { notebookNetwork } from '../../src/ml/model/network.ts';
import { goldenModel, mnist } from '../unit/engines/golden.ts';
import { type BenchRow, middle } from './row.ts';

const network = notebookNetwork();

/** Times attacks and metamers on the wasm engine with one worker, beside PyTorch's times on one thread. */
export async function benchAttacks({ repeats = 3 } = {}): Promise<BenchRow[]> {
  const engine = await createWasmEngine({ network });
  await engine.load({ parameters: goldenModel('model_trained') });
  const rows = [
    await pgd(engine, repeats),
    await metamers(engine, { layer: 'conv', count: 8, iterations: 200, repeats, reference: 0.27 }),
    await metamers(engine, { layer: 'fc', count: 8, iterations: 200, repeats, reference: 0.52 }),
    await metamers(engine, { layer: 'conv', count: 1000, iterations: 3, repeats: 1 }),
    await metamers(engine, { layer: 'fc', count: 1000, iterations: 3, repeats: 1 }),
  ];
  await engine.dispose();
  return rows;
}

async function pgd(engine: Engine, repeats: number): Promise<BenchRow> {
  const { images, labels } = mnist('t10k', 1000);
  const settings = { method: 'pgd', epsilon: 0.1, steps: 40, stepSize: 0.01 } as const;
  const times: number[] = [];
  let correct = 0;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    ({ correct } = await attack(engine, images, labels, settings));
    times.push(performance.now() - start);
  }
  return {
    name: 'PGD, 40 steps, 1,000 images',
    median: middle(times),
    n: repeats,
    reference: 5200,
    remark: `${correct} stay correct`,
  };
}

interface MetamerBench {
  layer: string;
  count: number;
  iterations: number;
  repeats: number;
  reference?: number;
}

/** Milliseconds per iteration of one metamer among this many in parallel, and the process's peak memory. */
async function metamers(
  engine: Engine,
  { layer, count, iterations, repeats, reference }: MetamerBench,
): Promise<BenchRow> {
  const references = Float32Array.from(mnist('t10k', count).images, (byte) => byte / 255);
  const starts = new Float32Array(references.length);
  for (let i = 0; i < count; i++) {
    starts.set(startingImage({ kind: 'noise', scale: 1, mean: 0, seed: i }, 784), i * 784);
  }
  const times: number[] = [];
  let most = 0;
  for (let i = 0; i < repeats; i++) {
    let start = 0;
    await generateMetamers(
      engine,
      references,
      starts,
      { layer, iterations },
      {
        onIterate({ iteration }) {
          // Computing the references' activations and first evaluating the starts are not iterations.
          if (iteration === 0) start = performance.now();
          most = Math.max(most, process.memoryUsage().rss);
        },
      },
    );
    times.push((performance.now() - start) / iterations / count);
  }
  return {
    name: `metamer iteration at ${layer}, each of ${count.toLocaleString('en-US')}`,
    median: middle(times),
    n: repeats * iterations,
    reference,
    ...(count > 100 && { remark: `the process at most ${Math.round(most / 2 ** 20)} MB` }),
  };
}
