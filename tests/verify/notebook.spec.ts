import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseSafetensors, writeSafetensors } from '../../src/ml/formats/safetensors.ts';
import { expect, openLab, test } from '../page/fixtures.ts';
import { readInPython, saveExports } from '../python/exported.ts';
import { record } from './record.ts';

/** A Python with torch, matplotlib, safetensors, nbclient, ipykernel and mftma. */
const PYTHON = process.env.UNTANGLE_PYTHON;

test('the exported notebook and files of two epochs run and load in Python', async ({ lab, site }) => {
  test.skip(!PYTHON, 'UNTANGLE_PYTHON names no Python');
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ seed: 111, engine: 'wasm', epochs: 2 }));
  const { correct, count } = await lab.evaluate(() => window.lab.evaluate({ split: 'test' }));
  // The notebook fetches MNIST from the site that exported it.
  const folder = await saveExports(lab, { data: 'site' });
  const found = await readInPython(PYTHON ?? '', folder, { network: true });
  console.log(found.output);
  expect(found.output).toContain(`correct: ${correct} of ${count} here, ${correct} of ${count} in the run`);
  expect(found.output).toContain('The run and PyTorch agree.');
  expect(found.figures).toBe(6);
  const geometry = geometryOf(found.output);
  expect(Object.keys(geometry)).toEqual(['input', 'conv', 'relu', 'fc']);
  const away = Math.max(...Object.values(geometry).map(([reference, run]) => Math.abs(reference / run - 1)));
  expect(away).toBeLessThan(0.25);
  expect(found.activations.arrays).toMatchObject({
    indices: ['int32', [100]],
    labels: ['uint8', [100]],
    conv: ['float32', [100, 32, 26, 26]],
    fc: ['float32', [100, 10]],
  });
  for (const difference of Object.values(found.activations.largestDifference)) {
    expect(difference).toBeLessThan(1e-4);
  }
  expect(found.run.steps).toBe(2 * 937);

  // Python's own file of the same tensors opens here, and exports as the same bytes.
  const { parameters } = JSON.parse(readFileSync(join(folder, 'names.json'), 'utf8'));
  const files = [parameters, 'python.safetensors'].map((name) => readFileSync(join(folder, name)));
  for (const file of files) expect(file.equals(writeSafetensors(parseSafetensors(file)))).toBe(true);
  const back = await lab.evaluate(
    async (bytes) => {
      const before = await window.lab.parameters();
      await window.lab.import(Uint8Array.from(bytes).buffer);
      const after = await window.lab.parameters();
      return Object.entries(before).every(([name, values]) =>
        values.every((value, i) => Object.is(value, after[name][i])),
      );
    },
    [...files[1]],
  );
  expect(back).toBe(true);
  rmSync(folder, { recursive: true });

  const { torch, safetensors } = found.versions;
  record(
    `the exported notebook of a run of two epochs, run by Jupyter with PyTorch ${torch}`,
    'its weights load as they are; accuracy, loss and logits agree; all figures are drawn',
    `${correct} of ${count} test images right in both; ${/logits: .*/.exec(found.output)?.[0]}; ${found.figures} figures`,
  );
  record(
    'its manifold geometry by the reference code (mftma) on the same images',
    'equal center correlations; capacities within a fourth: the reference takes other local minima',
    Object.entries(geometry)
      .map(([layer, [reference, run]]) => `${layer} ${reference} for our ${run}`)
      .join(', '),
  );
  record(
    `exported parameters in safetensors ${safetensors}`,
    'every tensor byte for byte, there and back',
    'identical',
  );
  record(
    'exported activations read by NumPy, against PyTorch with the exported weights',
    'equal within 1e-4',
    `largest difference ${Math.max(...Object.values(found.activations.largestDifference)).toExponential(1)}`,
  );
});

/** By layer: the capacity from the reference code and the run's. */
function geometryOf(output: string): Record<string, [number, number]> {
  const lines = output.matchAll(/^(\w+): ([\d.]+) \| ([\d.]+), /gm);
  return Object.fromEntries(
    [...lines].map(([, layer, reference, run]) => [layer, [Number(reference), Number(run)]]),
  );
}
