import { isMainThread } from 'node:worker_threads';
import { afterEach, expect, test, vi } from 'vitest';
import { linkMembers } from '../../src/ml/engines/wasm/exchange.ts';
import { sharedCounter, sharedMatrix } from '../../src/workers/sharedMemory.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

const matrix = { rows: 1, columns: 2, data: Float64Array.of(3, 4) };

/** What the engine's members and the geometry's workers exchange data by. */
function ways() {
  return {
    members: linkMembers(2)[0].kind,
    matrix: sharedMatrix(matrix).data.buffer.constructor.name,
    counter: sharedCounter()?.buffer.constructor.name,
  };
}

const shared = { members: 'shared', matrix: 'SharedArrayBuffer', counter: 'SharedArrayBuffer' };
const copied = { members: 'ports', matrix: 'ArrayBuffer', counter: undefined };

test('in Node, whose threads know no isolation, engine and geometry share memory', () => {
  // Vitest runs this file in a worker thread; the main thread has the same globals.
  expect(isMainThread).toBe(false);
  expect('crossOriginIsolated' in globalThis).toBe(false);
  expect(ways()).toEqual(shared);
});

test('on an isolated page they share memory, and elsewhere in a browser messages copy', () => {
  vi.stubGlobal('crossOriginIsolated', true);
  expect(ways()).toEqual(shared);
  vi.stubGlobal('crossOriginIsolated', false);
  expect(ways()).toEqual(copied);
});

test('in a browser without shared memory messages copy', () => {
  vi.stubGlobal('SharedArrayBuffer', undefined);
  expect(ways()).toEqual(copied);
});
