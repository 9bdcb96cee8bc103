import { describe, it } from 'vitest';
import { createTfjsEngine } from '../../src/ml/engines/tfjs/engine.ts';
import type { NetworkDescription } from '../../src/ml/model/network.ts';
import type { OptimizerDescription } from '../../src/ml/model/optimizer.ts';
import {
  checkActivations,
  checkAttack,
  checkMetamers,
  deeperNetwork,
  followDeeper,
} from '../unit/engines/deeperGolden.ts';
import { deeperSuite } from '../unit/engines/deeperSuite.ts';

deeperSuite('tfjs-cpu', (network, optimizer) => createTfjsEngine({ network, optimizer, backend: 'cpu' }), {
  random: 6,
  presets: true,
});

/** `tests/verify` has the example, and LeNet's attacks: minutes of plain JavaScript. */
describe.each(['mlp', 'lenet'] as const)('tfjs-cpu on golden %s', (name) => {
  const createWith = (network: NetworkDescription, optimizer?: OptimizerDescription) =>
    createTfjsEngine({ network, optimizer, backend: 'cpu' });

  it.each(['adam', 'sgd'] as const)('follows %s for ten steps', async (kind) => {
    await followDeeper(createWith, name, kind, 10);
  });

  it('has its activations, input gradients, metamers and attacks', async () => {
    const engine = await createWith(deeperNetwork(name));
    await checkActivations(engine, name);
    await checkMetamers(engine, name, 5);
    if (name === 'mlp') await checkAttack(engine, name);
    await engine.dispose();
  });
});
