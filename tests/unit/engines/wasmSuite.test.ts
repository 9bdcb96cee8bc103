import { createWasmEngine } from '../../../src/ml/engines/wasm/engine.ts';
import type { NetworkDescription } from '../../../src/ml/model/network.ts';
import { engineSuite, smallNetwork } from './suite.ts';

function withClasses(network: NetworkDescription, outputs: number): NetworkDescription {
  const layers = network.layers.map((layer) => (layer.kind === 'linear' ? { ...layer, outputs } : layer));
  return { ...network, layers };
}

engineSuite('wasm', (network) => createWasmEngine({ network }), {
  steps: 100,
  networks: [
    ['the notebook network, small', smallNetwork()],
    ['6 filters of 5x5, 7 classes', withClasses(smallNetwork({ filters: 6, kernelSize: 5 }), 7)],
    ['1 filter of 4x4, 2 classes', withClasses(smallNetwork({ filters: 1, kernelSize: 4 }), 2)],
    [
      '9 filters of 7x7, 13 classes, rows of several tiles',
      withClasses(smallNetwork({ filters: 9, kernelSize: 7, width: 35 }), 13),
    ],
    ['3 filters of 6x6, one position', smallNetwork({ filters: 3, kernelSize: 6, height: 6, width: 6 })],
    ['5 filters of 1x1', smallNetwork({ filters: 5, kernelSize: 1, height: 4, width: 3 })],
  ],
});
