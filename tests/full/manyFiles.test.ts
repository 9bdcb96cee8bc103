import { spawnSync } from 'node:child_process';
import { mkdtempSync, openAsBlob, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blobSource } from '../../src/ml/formats/byteSource.ts';
import type { ReadingProgress } from '../../src/ml/imageFiles/given.ts';
import { readImages } from '../../src/ml/imageFiles/readImages.ts';
import { decodePng } from '../fixtures/png.ts';

const COUNT = 100_000;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'untangle-many-'));
  const made = spawnSync('python3', ['tests/fixtures/data/many.py', 'zip', join(folder, 'many.zip')]);
  if (made.status !== 0) throw new Error(`many.py: expected an archive, found ${made.stderr}`);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('reads an archive of 100,000 small pictures whole, with progress and the memory that they take', async () => {
  const zip = await openAsBlob(join(folder, 'many.zip'));
  const reports: ReadingProgress[] = [];
  const started = performance.now();
  const { train, classNames } = await readImages(
    [{ path: 'many.zip', source: blobSource(zip, 'many.zip') }],
    {
      signal: new AbortController().signal,
      progress: (report) => reports.push(report),
      decode: async (bytes) => decodePng(bytes),
    },
  );
  console.log(`100,000 pictures of an archive in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  expect(classNames).toHaveLength(10);
  expect(train).toMatchObject({ count: COUNT, channels: 1, height: 8, width: 8 });
  // The files are in the order of their paths: class by class.
  for (const place of [0, 1, 9_999, 10_000, 54_321, COUNT - 1]) {
    const i = (place % 10_000) * 10 + Math.floor(place / 10_000);
    expect(train.labels[place]).toBe(i % 10);
    const pixels = Array.from({ length: 64 }, (_, k) => (31 * i + 7 * k) % 256);
    expect([...train.images.subarray(64 * place, 64 * (place + 1))]).toEqual(pixels);
  }
  expect(reports.length).toBeGreaterThan(10);
  expect(reports.every(({ total, what }) => total === COUNT && what === 'pictures')).toBe(true);
  expect(reports.map(({ done }) => done)).toEqual(reports.map(({ done }) => done).toSorted((a, b) => a - b));
  // Three channels, until all images have proved to be gray.
  expect(reports[0].bytes).toBe(3 * 64 * COUNT);
});
