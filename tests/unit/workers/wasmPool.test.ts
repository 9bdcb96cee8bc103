import { expect, test } from 'vitest';
import { defaultWasmWorkers } from '../../../src/workers/wasmPool.ts';

const SAFARI =
  'Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15';
const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

test('training uses half of the cores, at most four, and one in WebKit without shared memory', () => {
  const workers = [1, 2, 4, 8, 32].map((cores) =>
    defaultWasmWorkers({ cores, agent: CHROME, shared: false }),
  );
  expect(workers).toEqual([1, 1, 2, 4, 4]);
  expect(defaultWasmWorkers({ cores: 8, agent: SAFARI, shared: false })).toBe(1);
  expect(defaultWasmWorkers({ cores: 8, agent: SAFARI, shared: true })).toBe(4);
});
