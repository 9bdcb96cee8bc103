import { afterAll, beforeAll, describe, it } from 'vitest';
import type { NetworkDescription } from '../../src/ml/model/network.ts';
import type { OptimizerDescription } from '../../src/ml/model/optimizer.ts';
import { WebGpuInChromium } from '../browser/webgpuEngine/remote.ts';
import {
  checkActivations,
  checkAttack,
  checkMetamers,
  deeperNames,
  deeperNetwork,
  followDeeper,
} from '../unit/engines/deeperGolden.ts';
import { deeperSuite } from '../unit/engines/deeperSuite.ts';
import { engineSuite, smallNetwork } from '../unit/engines/suite.ts';
import { record } from './record.ts';

/** The suite that every engine passes, on the WebGPU engine in Chromium's software adapter. */

let chromium: WebGpuInChromium;
beforeAll(async () => {
  chromium = await WebGpuInChromium.open('webgpuSuite');
});
afterAll(() => chromium.close());

for (const tuning of ['hardware', 'software'] as const) {
  engineSuite(`webgpu, cut for ${tuning}`, (network) => chromium.createFused(network, tuning), {
    steps: 10,
    networks: [
      ['the notebook network, small', smallNetwork()],
      ['an even kernel', smallNetwork({ kernelSize: 4, filters: 9 })],
      ['a large kernel', smallNetwork({ kernelSize: 7, filters: 10, height: 12, width: 13 })],
    ],
  });
}

const createLayered = (network: NetworkDescription, optimizer?: OptimizerDescription) =>
  chromium.createLayered(network, optimizer);

engineSuite('webgpu, layered', createLayered, {
  steps: 1,
  networks: [['the notebook network, small', smallNetwork()]],
});
deeperSuite('webgpu', createLayered, { random: 6, presets: true });

describe.each(deeperNames)('webgpu on golden %s', (name) => {
  it.each(['adam', 'sgd'] as const)('follows %s', async (kind) => {
    const deviation = await followDeeper(createLayered, name, kind, name === 'pytorchExample' ? 3 : 10);
    record(`${name}, ${kind}, on webgpu: loss against float64`, 'at most 5e-6', deviation.toExponential(1));
  });

  it('has its activations, input gradients, metamers and attacks', async () => {
    const engine = await createLayered(deeperNetwork(name));
    await checkActivations(engine, name);
    await checkMetamers(engine, name, 3);
    await checkAttack(engine, name);
    await engine.dispose();
  });
});
