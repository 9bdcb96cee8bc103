import { afterAll, beforeAll, describe, it } from 'vitest';
import type { NetworkDescription } from '../../src/ml/model/network.ts';
import type { OptimizerDescription } from '../../src/ml/model/optimizer.ts';
import { WebGpuInChromium } from '../browser/webgpuEngine/remote.ts';
import {
  checkActivations,
  checkAttack,
  checkMetamers,
  deeperNetwork,
  followDeeper,
} from '../unit/engines/deeperGolden.ts';

let chromium: WebGpuInChromium;
beforeAll(async () => {
  chromium = await WebGpuInChromium.open('webgpuGolden');
}, 120_000);
afterAll(() => chromium.close());

const create = (network: NetworkDescription, optimizer?: OptimizerDescription) =>
  chromium.createLayered(network, optimizer);

/** `npm run verify` has the example's activations, metamers and attacks too. */
describe.each(['mlp', 'lenet', 'pytorchExample'] as const)('webgpu on golden %s', (name) => {
  it.each(['adam', 'sgd'] as const)('follows %s', async (kind) => {
    await followDeeper(create, name, kind, name === 'pytorchExample' ? 3 : 10);
  });

  it.skipIf(name === 'pytorchExample')(
    'has its activations, input gradients, metamers and attacks',
    async () => {
      const engine = await create(deeperNetwork(name));
      await checkActivations(engine, name);
      await checkMetamers(engine, name, 5);
      await checkAttack(engine, name);
      await engine.dispose();
    },
  );
});
