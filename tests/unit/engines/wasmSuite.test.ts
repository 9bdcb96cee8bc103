import { createWasmEngine } from '../../../src/ml/engines/wasm/engine.ts';
import { engineSuite, smallNetwork } from './suite.ts';

engineSuite('wasm', (network) => createWasmEngine({ network }), {
  steps: 10,
  networks: [
    ['the notebook network, small', smallNetwork()],
    ['5x5 filters', smallNetwork({ filters: 6, kernelSize: 5 })],
  ],
});
