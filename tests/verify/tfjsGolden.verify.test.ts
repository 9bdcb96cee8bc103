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
import { record } from './record.ts';

const create = (network: NetworkDescription, optimizer?: OptimizerDescription) =>
  createTfjsEngine({ network, optimizer, backend: 'cpu' });

describe('tfjs-cpu on golden pytorchExample', () => {
  it.each(['adam', 'sgd'] as const)('follows %s for three steps', async (kind) => {
    const deviation = await followDeeper(create, 'pytorchExample', kind, 3);
    record(
      `pytorchExample, ${kind}, on tfjs-cpu: loss against float64`,
      'at most 5e-6',
      deviation.toExponential(1),
    );
  });

  it('has its activations, input gradients and metamers', async () => {
    const engine = await create(deeperNetwork('pytorchExample'));
    await checkActivations(engine, 'pytorchExample');
    await checkMetamers(engine, 'pytorchExample', 3);
    await engine.dispose();
  });
});

it.each(['lenet', 'pytorchExample'] as const)('tfjs-cpu has the attacks of golden %s', async (name) => {
  const engine = await create(deeperNetwork(name));
  await checkAttack(engine, name);
  await engine.dispose();
});
