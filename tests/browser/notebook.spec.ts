import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, openLab, visitedTest as test } from '../page/fixtures.ts';
import { findPython, readInPython, runNotebook, saveExports, wrongSkips } from '../python/exported.ts';

test('the exported notebook runs in PyTorch without the network and finds the same accuracy and logits', {
  tag: '@full',
}, async ({ lab, site }) => {
  const python = findPython();
  test.skip(!python, 'no Python with torch, matplotlib, nbclient and ipykernel was found');
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ seed: 111, engine: 'wasm', epochs: 1 }));
  const { correct, count } = await lab.evaluate(() => window.lab.evaluate({ split: 'test' }));
  const folder = await saveExports(lab, { data: 'checkout' });
  const { output, figures, activations, run } = await readInPython(python ?? '', folder);
  console.log(output);
  const found = Number(/^correct: (\d+) of 10000 here/m.exec(output)?.[1]);
  expect(Math.abs(found - correct)).toBeLessThanOrEqual(2);
  expect(output).toContain(`${correct} of ${count} in the run`);
  expect(output).toMatch(/^logits: {2}largest difference \d/m);
  expect(output).toContain('The run and PyTorch agree.');
  expect(wrongSkips(output)).toEqual([]);
  // GLUE needs scipy, which may be missing outside CI.
  if (!output.includes('Skipped: GLUE needs scipy')) {
    for (const layer of ['input', 'conv', 'relu', 'fc']) {
      expect(output).toMatch(new RegExp(`^${layer}, uniform labels, centered: \\d.* \\| \\d`, 'm'));
    }
  }
  expect(figures).toBe(6);
  expect(activations.arrays).toMatchObject({
    conv: ['float32', [100, 32, 26, 26]],
    fc: ['float32', [100, 10]],
  });
  for (const difference of Object.values(activations.largestDifference)) {
    expect(difference).toBeLessThan(1e-4);
  }
  expect(run.steps).toBe(937);

  // The network was cut: without the files beside it, the notebook cannot get them from the site, which still runs.
  rmSync(join(folder, 'mnist'));
  await expect(runNotebook(python ?? '', folder)).rejects.toThrow(/could not be fetched/);
  rmSync(folder, { recursive: true });
});
