import { expect, openLab, test } from '../page/fixtures.ts';
import { goldenBase64, goldenJson, type Trajectory } from '../page/golden.ts';
import { record } from './record.ts';

const TEN = 10;

test('the weights are bit-identical after ten device losses at random steps', async ({ lab, site }) => {
  await openLab(lab, site);
  const { same, steps, losses } = await lab.evaluate(async (count) => {
    const { lab } = window;
    const steps = 60;
    const trained = async (lossesAt: number[]) => {
      await lab.reset({ seed: 3, engine: 'webgpu' });
      let made = 0;
      for (const end of [...lossesAt, steps]) {
        const training = lab.train({ maxSteps: end - made });
        if (end < steps) {
          while (lab.state.step < made + 1) await new Promise((resolve) => setTimeout(resolve, 2));
          await lab.loseDevice();
        }
        made += (await training).steps;
      }
      return lab.parameters();
    };
    const undisturbed = await trained([]);
    const random = new Set<number>();
    while (random.size < count) random.add(2 + Math.floor(Math.random() * (steps - 3)));
    const losses = [...random].sort((a, b) => a - b);
    const disturbed = await trained(losses);
    const same = Object.keys(undisturbed).every((name) =>
      undisturbed[name].every((value, i) => value === disturbed[name][i]),
    );
    return { same, steps, losses };
  }, TEN);
  record(
    `webgpu, ${steps} steps, device lost before steps ${losses.join(', ')}`,
    'bit-identical weights',
    same ? 'bit-identical' : 'different',
  );
  expect(same).toBe(true);
});

test('ten steps of tfjs-webgpu follow the reference', async ({ lab, site }) => {
  const reference = goldenJson<Trajectory>('trajectory.json').float64.loss;
  await openLab(lab, site);
  const losses = await lab.evaluate(async (base64) => {
    await window.lab.loadParameters(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
    const order = Int32Array.from({ length: 640 }, (_, i) => i);
    return [...(await window.lab.train({ engine: 'tfjs-webgpu', order })).losses];
  }, goldenBase64('model_init.safetensors'));
  const worst = Math.max(...losses.map((loss, step) => Math.abs(loss - reference[step])));
  record('tfjs-webgpu, 10 steps, largest loss error', 'at most 5e-6', worst.toExponential(1));
  expect(losses).toHaveLength(TEN);
  expect(worst).toBeLessThanOrEqual(5e-6);
});

test('ten epochs at seed 111 are the notebook’s, and memory does not grow', async ({ lab, site }) => {
  await openLab(lab, site);
  const cdp = await lab.context().newCDPSession(lab);
  const heap = async () => {
    await cdp.send('HeapProfiler.collectGarbage');
    return (await cdp.send('Runtime.getHeapUsage')).usedSize / 2 ** 20;
  };
  const first = await lab.evaluate(
    async () => (await window.lab.train({ seed: 111, engine: 'wasm', epochs: 1 })).epochs[0],
  );
  const before = await heap();
  const rest = await lab.evaluate(async () => (await window.lab.train({ epochs: 9 })).epochs);
  const after = await heap();
  const epochs = [first, ...rest];
  record(
    'wasm, seed 111, test accuracy after the first epoch',
    '.9729 +- .002',
    first.testAccuracy.toFixed(4),
  );
  record(
    'wasm, seed 111, test accuracies of ten epochs',
    'the notebook’s +- .002: .9712 .9764 .9791 .9789 .9794 .9803 .9803 .9776 .9782 .9795 of 9,984 / 10,000',
    epochs.map(({ testAccuracy }) => testAccuracy.toFixed(4)).join(' '),
  );
  record(
    'page heap after epoch 1 and epoch 10',
    'no growth but the history’s',
    `${before.toFixed(1)} MB, ${after.toFixed(1)} MB`,
  );
  expect(Math.abs(first.testAccuracy - 0.9729)).toBeLessThanOrEqual(0.002);
  expect(epochs).toHaveLength(TEN);
});
