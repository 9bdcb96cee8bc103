import { expect, openLab, test } from '../page/fixtures.ts';
import { goldenBase64, goldenJson } from '../page/golden.ts';
import { record } from './record.ts';

interface Printed {
  notebook_printed: Record<string, { alpha: number; R: number; D: number; rho: number }>;
}
const { notebook_printed: printed } = goldenJson<Printed>('mftma_notebook.json');
const names = { input: 'layer_0_Input', conv: 'layer_1_Conv2d', fc: 'layer_4_Linear' } as const;

test('training untangles the notebook’s images on the page', async ({ lab, site }) => {
  await openLab(lab, site);
  const found = await lab.evaluate(
    async ([init, trained]) => {
      const load = (base64: string) =>
        window.lab.loadParameters(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
      const seconds = async <T>(run: () => Promise<T>) => {
        const started = performance.now();
        const value = await run();
        return { value, seconds: (performance.now() - started) / 1000 };
      };
      await load(init);
      const before = await window.lab.geometry({ layers: ['fc'], draw: 'notebook', resamples: 0 });
      await load(trained);
      const figures = await seconds(() => window.lab.geometry({ draw: 'notebook', resamples: 0 }));
      const errors: Record<string, number> = {};
      for (const layer of ['input', 'conv', 'relu', 'fc']) {
        const { seconds: taken } = await seconds(() => window.lab.geometry({ layers: [layer] }));
        errors[layer] = taken;
      }
      return { before: before.fc, after: figures.value, seconds: figures.seconds, errors };
    },
    [goldenBase64('model_init.safetensors'), goldenBase64('model_trained.safetensors')] as const,
  );
  for (const layer of ['input', 'conv', 'fc'] as const) {
    const { capacity, radius, dimension, centerCorrelation } = found.after[layer];
    const { alpha, R, D, rho } = printed[names[layer]];
    record(
      `${layer}, the notebook’s draw: capacity, radius, dimension, center correlation`,
      `within 8 %, 3 %, 3 % and .001 of the notebook’s ${alpha.toFixed(4)} ${R.toFixed(3)} ${D.toFixed(2)} ${rho.toFixed(4)}`,
      `${capacity.toFixed(4)} ${radius.toFixed(3)} ${dimension.toFixed(2)} ${centerCorrelation.toFixed(4)}`,
    );
    expect(Math.abs(capacity / alpha - 1)).toBeLessThan(0.08);
    expect(Math.abs(radius / R - 1)).toBeLessThan(0.03);
    expect(Math.abs(dimension / D - 1)).toBeLessThan(0.03);
    expect(Math.abs(centerCorrelation - rho)).toBeLessThan(1e-3);
  }
  expect(found.before.capacity).toBeCloseTo(0.17, 2);
  record('fc capacity, untrained', '.17', found.before.capacity.toFixed(3));
  record('four layers, images to figures, in the page', 'no line', `${found.seconds.toFixed(2)} s`);
  record(
    'a layer’s figures and their errors over ten redraws of the images, in the page',
    'about 2 s',
    Object.entries(found.errors)
      .map(([layer, seconds]) => `${layer} ${seconds.toFixed(2)} s`)
      .join(', '),
  );
});
