import { spawnSync } from 'node:child_process';
import type { Engine } from '../../src/ml/engines/engine.ts';
import { createWasmEngine } from '../../src/ml/engines/wasm/engine.ts';
import { initialParameters } from '../../src/ml/model/initialize.ts';
import { type PresetId, presetNetwork } from '../../src/ml/model/presets.ts';
import { Mt19937 } from '../../src/ml/random/mt19937.ts';
import { batchIndices, benchData } from './page/contender.ts';
import { type BenchRow, middle, processorTime } from './row.ts';

interface Measured {
  id: PresetId;
  /** Multiply-adds of a step in millions: three times those of the forward pass of 64 images. */
  millions: number;
  /** Steps per turn. */
  steps: number;
  /** Most allowed: the cost of a multiply-add beside the fused program's, and a step beside PyTorch's. */
  limits?: { cost: number; torch: number };
}

const MEASURED: readonly Measured[] = [
  { id: 'notebook', millions: 79, steps: 10 },
  { id: 'perceptron', millions: 21, steps: 20 },
  { id: 'lenet', millions: 80, steps: 10, limits: { cost: 2, torch: 1 } },
  { id: 'pytorch', millions: 2303, steps: 1, limits: { cost: 1.6, torch: 1.2 } },
];

/**
 * Times a training step of each preset on the wasm engine with one worker, in turns, beside PyTorch in the same run. Both are
 * processor time: other programs on the machine do not count.
 */
export async function benchDeeper({ repeats = 15 } = {}): Promise<BenchRow[]> {
  const { images, labels } = benchData();
  const engines: Engine[] = [];
  const times: number[][] = [];
  for (const { id } of MEASURED) {
    const network = presetNetwork(id);
    const engine = await createWasmEngine({ network });
    await engine.setData(images, labels);
    await engine.load({ parameters: initialParameters(network, new Mt19937(111)) });
    engines.push(engine);
    times.push([]);
  }
  // The first turn warms up.
  for (let turn = 0; turn <= repeats; turn++) {
    for (const [i, { steps }] of MEASURED.entries()) {
      const time = await stepTime(engines[i], steps);
      if (turn > 0) times[i].push(time);
    }
  }
  const rows = MEASURED.map((measured, i) => rowOf(measured, middle(times[i]), middle(times[0]), repeats));
  for (const row of rows) row.name = `${row.name}, ${engines[0].description}`;
  for (const engine of engines) await engine.dispose();
  return rows;
}

/** Milliseconds of processor time per step. */
async function stepTime(engine: Engine, steps: number): Promise<number> {
  const before = processorTime();
  await engine.train(
    Array.from({ length: steps }, (_, step) => ({ indices: batchIndices(step, 64), learningRate: 1e-3 })),
  );
  return (processorTime() - before) / steps;
}

function rowOf({ id, millions, limits }: Measured, median: number, notebook: number, n: number): BenchRow {
  const cost = median / millions / (notebook / MEASURED[0].millions);
  const torch = torchTime(id);
  const remarks = [
    `${(millions / median).toFixed(1)} G multiply-adds a second`,
    limits && `each ${cost.toFixed(2)} times as long as the fused program's (limit ${limits.cost})`,
    torch &&
      `PyTorch ${torch.toPrecision(3)} ms, ratio ${(median / torch).toFixed(2)}${limits ? ` (limit ${limits.torch})` : ''}`,
  ];
  return { name: `a step of ${id}`, median, n, remark: remarks.filter(Boolean).join('; ') };
}

/** PyTorch's milliseconds per step of a preset; undefined if there is no Python with torch. */
function torchTime(id: PresetId): number | undefined {
  for (const python of ['python3', '/usr/bin/python3']) {
    const { status, stdout } = spawnSync(python, ['tests/bench/torchSteps.py', '2000', id], {
      encoding: 'utf8',
    });
    if (status !== 0) continue;
    const found: unknown = JSON.parse(stdout);
    if (typeof found === 'object' && found !== null && id in found) return Number(Reflect.get(found, id));
  }
  return undefined;
}
