import { describe, it } from 'vitest';
import { createWasmEngine } from '../../src/ml/engines/wasm/engine.ts';
import { availableArithmetic } from '../../src/ml/engines/wasm/kernels.ts';
import type { NetworkDescription } from '../../src/ml/model/network.ts';
import type { OptimizerDescription } from '../../src/ml/model/optimizer.ts';
import {
  checkActivations,
  checkAttack,
  checkMetamers,
  deeperNames,
  deeperNetwork,
  followDeeper,
} from '../unit/engines/deeperGolden.ts';
import { deeperSuite } from '../unit/engines/deeperSuite.ts';

const create = (network: NetworkDescription, optimizer?: OptimizerDescription) =>
  createWasmEngine({ network, optimizer, program: 'layered' });

deeperSuite('wasm', create, { random: 200, presets: true });

/** Plain arithmetic, and fused where this Node has relaxed SIMD. */
const arithmetics = new Set(['plain', await availableArithmetic()] as const);

describe.each(deeperNames)('wasm on golden %s', (name) => {
  // LeNet's SGD is chaotic from step 60 on: PyTorch in float32 deviates from float64 by 3e-5 to 1.4e-2 in loss where its
  // initial weights are moved by half a unit in the last place.
  it.each(
    (['adam', 'sgd'] as const).flatMap((kind) =>
      [...arithmetics].map((arithmetic) => [kind, arithmetic] as const),
    ),
  )('follows %s in %s arithmetic', async (kind, arithmetic) => {
    const createWith = (network: NetworkDescription, optimizer: OptimizerDescription) =>
      createWasmEngine({ network, optimizer, program: 'layered', arithmetic });
    await followDeeper(createWith, name, kind, 100);
  });

  it('has its activations, input gradients, metamers and attacks', async () => {
    const engine = await create(deeperNetwork(name));
    await checkActivations(engine, name);
    await checkMetamers(engine, name, name === 'pytorchExample' ? 10 : 100);
    await checkAttack(engine, name);
    await engine.dispose();
  });
});
