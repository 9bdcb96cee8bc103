import type { Objective, Pixels, TrainingStep } from '../../../src/ml/engines/engine.ts';
import {
  createFusedEngine,
  createWebGpuEngine,
  type GpuEngine,
} from '../../../src/ml/engines/webgpu/engine.ts';
import { networkSizes } from '../../../src/ml/engines/webgpu/kernels/sizes.ts';
import { hardwareTuning, softwareTuning } from '../../../src/ml/engines/webgpu/kernels/tile.ts';
import type { NetworkDescription } from '../../../src/ml/model/network.ts';
import type { OptimizerDescription } from '../../../src/ml/model/optimizer.ts';
import type { NetworkState } from '../../../src/ml/model/parameters.ts';

declare global {
  interface Window {
    webgpuHost: typeof host;
  }
}

/** An objective that can be passed to the page; a callback's cotangent takes two calls. */
export type SentObjective = Exclude<Objective, { kind: 'callback' }>;

const engines: GpuEngine[] = [];

/** Engines by number, for tests that run outside the page. */
const host = {
  async create(network: NetworkDescription, tuning: 'hardware' | 'software'): Promise<number> {
    const makeTuning = tuning === 'hardware' ? hardwareTuning : softwareTuning;
    engines.push(await createFusedEngine({ network, tuning: makeTuning(networkSizes(network)) }));
    return engines.length - 1;
  },
  async createLayered(network: NetworkDescription, optimizer?: OptimizerDescription): Promise<number> {
    engines.push(await createWebGpuEngine({ network, optimizer, program: 'layered' }));
    return engines.length - 1;
  },
  load: (id: number, state: NetworkState) => engines[id].load(state),
  state: (id: number) => engines[id].state(),
  parameters: (id: number, names?: string[]) => engines[id].parameters(names),
  setData: (id: number, images: Uint8Array, labels: Uint8Array) => engines[id].setData(images, labels),
  train: (id: number, steps: TrainingStep[]) => engines[id].train(steps),
  forward: (id: number, images: Pixels, layer: string) => engines[id].forward(images, layer),
  inputGradient: (
    id: number,
    images: Pixels,
    layer: string,
    objective: SentObjective,
    activations: boolean,
  ) => engines[id].inputGradient(images, layer, objective, { activations }),
  /** The same callback's values and cotangent, in the order that `inputGradient` requests them. */
  callbackGradient: (
    id: number,
    images: Pixels,
    layer: string,
    given: { values: Float64Array; cotangent: Float32Array },
  ) =>
    engines[id].inputGradient(
      images,
      layer,
      { kind: 'callback', evaluate: () => given },
      { activations: true },
    ),
  dispose: (id: number) => engines[id].dispose(),
};

window.webgpuHost = host;
