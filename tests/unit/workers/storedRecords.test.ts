import { expect, test } from 'vitest';
import { keptRun, readAllStored, readStored } from '../../../src/workers/storedRecords.ts';
import { keptRunExample as run } from './keptRunExample.ts';

test('a saved run survives a round trip through the storage', () => {
  expect(readStored(keptRun, structuredClone(keptRun.write(run)))).toEqual(run);
});

test('missing, damaged and newer records are skipped', () => {
  const stored = keptRun.write(run);
  const newer = { ...stored, engine: { id: 'quantum', description: '' } };
  expect(readStored(keptRun, undefined)).toBeUndefined();
  expect(readAllStored(keptRun, [{ ...stored, step: 'three' }, stored, newer])).toEqual([run]);
});
