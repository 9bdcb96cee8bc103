import { describe, expect, it } from 'vitest';
import { planNetwork } from '../../../src/ml/engines/shared/plan.ts';
import { createWasmEngine } from '../../../src/ml/engines/wasm/engine.ts';
import { ALONE } from '../../../src/ml/engines/wasm/exchange.ts';
import { LayeredInstance } from '../../../src/ml/engines/wasm/layeredInstance.ts';
import { LayeredTrainer } from '../../../src/ml/engines/wasm/layeredTraining.ts';
import type { NetworkDescription } from '../../../src/ml/model/network.ts';
import type { OptimizerDescription } from '../../../src/ml/model/optimizer.ts';
import {
  checkActivations,
  checkAttack,
  checkMetamers,
  deeperNames,
  deeperNetwork,
  followDeeper,
} from './deeperGolden.ts';
import { deeperSuite } from './deeperSuite.ts';
import { randomImages, randomParameters } from './referenceNetwork.ts';
import { engineSuite, smallNetwork } from './suite.ts';

const create = (network: NetworkDescription, optimizer?: OptimizerDescription) =>
  createWasmEngine({ network, optimizer, program: 'layered' });

engineSuite('wasm, layered', create, {
  steps: 10,
  networks: [['the notebook network, small', smallNetwork()]],
});

deeperSuite('wasm', create, { random: 40 });

/** A sample; `tests/full/wasmGolden.test.ts` covers all golden networks at full length. */
describe.each(deeperNames)('wasm on golden %s', (name) => {
  it('follows adam for a few steps', async () => {
    await followDeeper(create, name, 'adam', name === 'pytorchExample' ? 3 : 20);
  });
});

it('has the activations, input gradients, metamers and attacks of golden mlp', async () => {
  const engine = await create(deeperNetwork('mlp'));
  await checkActivations(engine, 'mlp');
  await checkMetamers(engine, 'mlp', 20);
  await checkAttack(engine, 'mlp');
  await engine.dispose();
});

it('does not grow its memory', async () => {
  const network = deeperNetwork('lenet');
  const instance = await LayeredInstance.create(planNetwork(network), 'plain');
  instance.store.write(instance.blocks.weights, randomParameters(network));
  instance.prepare();
  const images = randomImages(network, 100);
  const labels = Uint8Array.from({ length: 100 }, (_, i) => i % 10);
  const trainer = new LayeredTrainer(instance, { kind: 'adam' }, ALONE);
  const { memoryBytes } = instance;
  for (let i = 0; i < 3; i++) await trainer.train([{ images, labels, learningRate: 1e-3 }]);
  expect(instance.memoryBytes).toBe(memoryBytes);
  expect(memoryBytes).toBeLessThan(8 * 2 ** 20);
});
