import { expect, test } from '../page/fixtures.ts';
import { visitPanels } from '../page/panels.ts';

test('trains a custom network with dropout and momentum, and every panel shows its results', {
  tag: '@full',
}, async ({ scripted: page }) => {
  const network = 'conv 4 5x5 same, relu, pool 2, dropout 0.25, fc 16, relu, fc 10';
  const found = await page.evaluate(async (text) => {
    const { lab } = window;
    await lab.reset({
      seed: 5,
      network: text,
      optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
    });
    await lab.set({ learningRate: 0.05 });
    const { engine, losses } = await lab.train({ maxSteps: 60 });
    const images = [{ split: 'test' as const, index: 7 }];
    const { shape } = await lab.forward({ images, layer: 'pool' });
    const replayed = await lab.replay(3);
    const file = await lab.export('run');
    const before = await lab.parameters();
    await lab.import(file);
    const after = await lab.parameters();
    return {
      engine,
      early: losses[0],
      late: losses.slice(50).reduce((sum, loss) => sum + loss / 10, 0),
      shape,
      exact: replayed.exact,
      names: Object.keys(after),
      same: Object.entries(before).every(([name, values]) => values.every((v, i) => v === after[name][i])),
      link: lab.share(),
      settings: lab.state.settings,
    };
  }, network);
  expect(found.engine).toBe('wasm');
  expect(found.early).toBeGreaterThan(2);
  expect(found.late).toBeLessThan(1);
  expect(found.shape).toEqual([1, 4, 14, 14]);
  expect(found.exact).toBe(true);
  expect(found.names).toEqual([
    'conv.weight',
    'conv.bias',
    'fc1.weight',
    'fc1.bias',
    'fc2.weight',
    'fc2.bias',
  ]);
  expect(found.same).toBe(true);
  expect(found.link).toContain('net=c4k5s-r-p2-d25-f16-r-f10&opt=sgd:0.9:0.0005');
  expect(found.settings).toMatchObject({ network, optimizer: { kind: 'sgd', momentum: 0.9 } });
  await visitPanels(page);
  await page.evaluate(() => window.lab.reset({ network: 'perceptron', optimizer: { kind: 'adam' } }));
  await page.evaluate(() => window.lab.train({ maxSteps: 20 }));
  await visitPanels(page);
});
