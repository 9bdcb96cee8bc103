import { describe, it } from 'vitest';
import { createWasmEngine } from '../../src/ml/engines/wasm/engine.ts';
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

const create = (network: NetworkDescription, optimizer?: OptimizerDescription) =>
  createWasmEngine({ network, optimizer, program: 'layered' });

describe.each(deeperNames)('wasm on golden %s', (name) => {
  it.each(['adam', 'sgd'] as const)('follows %s', async (kind) => {
    await followDeeper(create, name, kind, 100);
  });

  it('has its activations, input gradients, metamers and attacks', async () => {
    const engine = await create(deeperNetwork(name));
    await checkActivations(engine, name);
    await checkMetamers(engine, name, name === 'pytorchExample' ? 10 : 100);
    await checkAttack(engine, name);
    await engine.dispose();
  });
});
