import { notebookNetwork } from '../../../src/ml/model/network.ts';
import type { KeptRun } from '../../../src/workers/storedRecords.ts';

export const keptRunExample: KeptRun = {
  id: 'a',
  name: 'Seed 7',
  created: '2026-11-29T12:00:00.000Z',
  changed: 1_796_000_000_000,
  pinned: false,
  left: true,
  deleted: false,
  dataSet: 'MNIST',
  network: notebookNetwork(),
  settings: { seed: 7 },
  log: [{ kind: 'reset', step: 0, seed: 7, filters: 32, kernelSize: 3 }],
  epochs: [],
  engine: { id: 'wasm', description: '2 workers' },
  step: 3,
  bytes: 100,
};
