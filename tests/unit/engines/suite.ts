import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/ml/engines/engine.ts';
import { type NetworkDescription, notebookNetwork } from '../../../src/ml/model/network.ts';
import { goldenJson, goldenModel, mnist } from './golden.ts';
import { networkSuite } from './networkSuite.ts';
import { relativeError } from './referenceNetwork.ts';
import { stateSuite } from './stateSuite.ts';
import { followTrajectory } from './trajectory.ts';

export interface SuiteOptions {
  /** Number of golden trajectory steps to follow: 1, 10 and 100 have snapshots. */
  steps: number;
  /** Descriptions that the engine runs; tests that need only one use the first. */
  networks: [string, NetworkDescription][];
}

/** A small network of the notebook's kind. */
export function smallNetwork({
  filters = 8,
  kernelSize = 3,
  height = 9,
  width = 11,
} = {}): NetworkDescription {
  return { ...notebookNetwork({ filters, kernelSize }), input: { channels: 1, height, width } };
}

/** The requirements on every engine, whatever its hardware. */
export function engineSuite(
  name: string,
  create: (network: NetworkDescription) => Promise<Engine>,
  { steps, networks }: SuiteOptions,
): void {
  describe(name, () => {
    it(`follows the golden trajectory for ${steps} steps`, async () => {
      await followTrajectory(await create(notebookNetwork()), steps);
    });

    it('computes the golden logits of the trained network', async () => {
      const engine = await create(notebookNetwork());
      await engine.load({ parameters: goldenModel('model_trained') });
      const logits = await engine.forward(mnist('train', 5).images, 'fc');
      const { fc_activations_f64: expected } = goldenJson<{ fc_activations_f64: number[][] }>('svd_pca');
      expect(relativeError(logits, expected.slice(0, 5).flat())).toBeLessThan(2e-6);
      await engine.dispose();
    });

    describe.each(networks)('on %s', (_, network) => {
      networkSuite(create, network);
    });
    stateSuite(create, networks[0][1]);
  });
}
