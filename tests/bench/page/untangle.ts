import type { EngineId } from '../../../src/ml/engines/engine.ts';
import { initialParameters } from '../../../src/ml/model/initialize.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';
import { createEngine } from '../../../src/workers/engines.ts';
import { batchIndices, benchData, type Contender, networkOf, type Size } from './contender.ts';

/** One of our engines, created as the page does. */
export async function startUntangle(id: EngineId, size: Size, threads = 1): Promise<Contender> {
  const network = networkOf(size);
  const engine = await createEngine(id, network, { threads });
  const { images, labels } = benchData();
  await engine.setData(images, labels);
  await engine.load({ parameters: initialParameters(network, new Mt19937(111)) });
  let step = 0;
  return {
    async run(steps) {
      await engine.train(
        Array.from({ length: steps }, () => ({
          indices: batchIndices(step++, size.batch),
          learningRate: 1e-3,
        })),
      );
    },
    stop: () => engine.dispose(),
  };
}
