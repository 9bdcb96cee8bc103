import { closeSync, mkdtempSync, openAsBlob, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeNpy } from '../../src/ml/formats/npz.ts';
import { createProfile } from '../lab/browserProfile.ts';

const IMAGES = 1000;
const UNITS = 268_000;
const CLASSES = 10;
const folder = mkdtempSync(join(tmpdir(), 'untangle-gigabyte-'));
const profile = createProfile();
afterAll(() => {
  profile.closeAll();
  rmSync(folder, { recursive: true, force: true });
});

/** A layer of 1 GB as numpy.save writes it: classes along the first units, noise elsewhere. */
function writeLayer(path: string): void {
  const file = openSync(path, 'w');
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${IMAGES}, ${UNITS}), }`;
  writeSync(file, Buffer.from(`\x93NUMPY\x01\x00\x76\x00${dictionary.padEnd(117)}\n`, 'latin1'));
  const row = new Float32Array(UNITS);
  let state = 1;
  for (let image = 0; image < IMAGES; image++) {
    for (let unit = 0; unit < UNITS; unit++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      row[unit] = state / 2 ** 31 + (unit === image % CLASSES ? 400 : 0);
    }
    writeSync(file, row);
  }
  closeSync(file);
}

it('the geometry and the spectrum of 1 GB of activations take less than 1.5 GB of memory', async () => {
  const path = join(folder, 'wide.npy');
  writeLayer(path);
  expect(statSync(path).size).toBeGreaterThan(0.99 * 2 ** 30);
  const labels = Uint8Array.from({ length: IMAGES }, (_, image) => image % CLASSES);
  const files = [
    new File([await openAsBlob(path)], 'wide.npy'),
    new File([writeNpy({ data: labels, shape: [IMAGES] })], 'labels.npy'),
  ];
  const { api } = await profile.open({ comesBack: false });
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 20);
  const info = await api.openActivations(files);
  expect(info).toMatchObject({ count: IMAGES, layers: [{ name: 'wide', shape: [UNITS] }] });
  const few = { examplesPerClass: 10, samples: 20, restarts: 2, resamples: 2 };
  const { wide } = await api.geometry({ source: 'activations', ...few });
  const spectrum = await api.spectrum({ source: 'activations', layer: 'wide', count: 100 });
  clearInterval(watch);
  console.log(
    `before ${(before / 1e9).toFixed(2)} GB; 1 GB of activations: at most ${(most / 1e9).toFixed(2)} GB of memory`,
  );
  expect(wide.labels).toHaveLength(CLASSES);
  expect(wide.capacity).toBeGreaterThan(0);
  expect(wide.resampled?.kind).toBe('redraws');
  expect(spectrum.singularValues).toHaveLength(100);
  expect(most).toBeLessThan(1.5 * 2 ** 30);
});
