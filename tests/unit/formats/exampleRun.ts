import type { RunContent } from '../../../src/ml/formats/runContent.ts';
import { initialParameters } from '../../../src/ml/model/initialize.ts';
import type { NetworkDescription } from '../../../src/ml/model/network.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';

/** A small run with every kind of content. */
export function exampleRun(): RunContent {
  const network: NetworkDescription = {
    input: { channels: 1, height: 6, width: 5 },
    layers: [
      { kind: 'conv', name: 'conv', filters: 2, kernelSize: 3 },
      { kind: 'relu', name: 'relu' },
      { kind: 'flatten', name: 'flatten' },
      { kind: 'linear', name: 'fc', outputs: 3 },
      { kind: 'logSoftmax', name: 'logSoftmax' },
    ],
  };
  const parameters = (seed: number) => initialParameters(network, new Mt19937(seed));
  return {
    name: 'Größe <b>1</b>',
    created: '2026-01-02T03:04:05.000Z',
    dataSet: 'MNIST',
    network,
    settings: { seed: 111, learningRate: '1e-3 * 0.9^epoch', nested: { list: [1, null, true] } },
    log: [
      { step: 0, kind: 'reset', seed: 111, filters: 2, kernelSize: 3 },
      { step: 0, kind: 'engine', engine: 'wasm', description: '2 workers' },
      { step: 0, kind: 'setting', name: 'learningRate', value: '1e-3' },
      { step: 1, kind: 'parametersLoaded', source: 'a file' },
      { step: 1, kind: 'order', count: 64 },
      { step: 2, kind: 'deviceLost', resumedOn: 'tfjs-cpu', fromStep: 1 },
    ],
    losses: Float32Array.of(2.3, 0.1, 1e-30),
    accuracies: Float32Array.of(0, 0.5, 1),
    epochs: [
      {
        epoch: 1,
        step: 2,
        trainLoss: 0.25,
        trainAccuracy: 0.9,
        testLoss: Number.NaN,
        testAccuracy: 0.97,
        seconds: 1.5,
      },
    ],
    snapshots: [
      { step: 0, epoch: 0, epochEnd: false, parameters: parameters(1) },
      { step: 2, epoch: 1, epochEnd: true, parameters: parameters(2) },
    ],
    bestStep: 2,
    checkpoint: {
      position: {
        seed: 111,
        generator: new Mt19937(5).state(),
        step: 3,
        epoch: 1,
        offset: 64,
        lossSum: 0.1 + 0.2,
        correct: 60,
        seconds: 0.5,
      },
      state: {
        parameters: parameters(3),
        optimizer: { kind: 'adam', step: 3, slots: { exp_avg: parameters(4), exp_avg_sq: parameters(5) } },
      },
    },
    results: { geometry: { capacity: [0.1, 0.36] } },
    attachments: new Map([
      ['figures/filters.png', Uint8Array.of(1, 2, 3)],
      ['tables/geometry.csv', new TextEncoder().encode('layer,capacity\n')],
    ]),
  };
}
