import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readRunFile, writeNpz } from '../../src/ml/formats/index.ts';
import { call } from '../unit/cli/host.ts';
import { bitsOf } from './bits.ts';
import { createProfile } from './browserProfile.ts';

const folder = mkdtempSync(join(tmpdir(), 'untangle-train-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ['the notebook’s family', 'conv 4 3x3, relu, fc 10', { kind: 'adam' }, []],
  [
    'a layered network',
    'conv 4 3x3, relu, pool 2, dropout 0.25, fc 10',
    { kind: 'sgd', momentum: 0.9, weightDecay: 0.001 },
    ['--optimizer', 'sgd', '--momentum', '0.9', '--weight-decay', '1e-3'],
  ],
] as const)(
  'the page opens a run of the command line, with the bits of its own: %s',
  async (name, network, optimizer, args) => {
    const out = join(folder, name);
    const given = [
      '--network',
      network,
      '--seed',
      '7',
      '--steps',
      '6',
      '--batch',
      '32',
      '--lr',
      '2e-3 * 0.9^step',
    ];
    const outside = await call([
      ...['train', '--data', 'public/mnist', '--out', out, '--workers', '1', '--json'],
      ...given,
      ...args,
    ]);
    expect(outside.stderr).toBe('');
    const [{ file, steps }] = JSON.parse(outside.stdout);
    expect(steps).toBe(6);
    const moments = readRunFile(new Uint8Array(readFileSync(file))).snapshots.map(
      (snapshot) => snapshot.step,
    );

    const profile = createProfile();
    try {
      const tab = await profile.open();
      await tab.api.import(new Blob([readFileSync(file)]));
      const { step, settings } = tab.lab.store.getState();
      expect(step).toBe(6);
      expect(settings).toMatchObject({ seed: 7, batchSize: 32, optimizer });
      const opened = await bitsOf(tab);
      await tab.api.train({ maxSteps: 3 });
      const continued = await bitsOf(tab);

      await tab.api.reset({ seed: 7, network, optimizer });
      await tab.api.train({ maxSteps: 6, batchSize: 32, learningRate: '2e-3 * 0.9^step' });
      expect(opened).toEqual(await bitsOf(tab));
      expect(moments).toEqual(tab.api.snapshots().map((snapshot) => snapshot.step));
      await tab.api.train({ maxSteps: 3 });
      expect(continued).toEqual(await bitsOf(tab));
    } finally {
      profile.closeAll();
    }
  },
);

it('the page opens a run on a person’s own images, which travel in its file', async () => {
  const data = join(folder, 'shapes.npz');
  const images = Uint8Array.from({ length: 60 * 100 }, (_, i) => (i * i * 31) % 256);
  const labels = Uint8Array.from({ length: 60 }, (_, i) => i % 3);
  writeFileSync(
    data,
    writeNpz({ images: { data: images, shape: [60, 10, 10] }, labels: { data: labels, shape: [60] } }),
  );
  const out = join(folder, 'own');
  const given = [
    '--network',
    'conv 4 3x3, relu, fc 3',
    '--seed',
    '2',
    '--steps',
    '4',
    '--batch',
    '8',
    '--json',
  ];
  const { code, stdout } = await call(['train', '--data', data, '--out', out, '--workers', '1', ...given]);
  expect(code).toBe(0);
  const profile = createProfile();
  try {
    const tab = await profile.open();
    await tab.api.import(new Blob([readFileSync(JSON.parse(stdout)[0].file)]));
    const { step, data: opened } = tab.lab.store.getState();
    expect(step).toBe(4);
    expect(opened).toMatchObject({ name: 'shapes', classNames: ['0', '1', '2'] });
    expect(opened?.train.count).toBe(48);
    const bits = await bitsOf(tab);
    await tab.api.reset({ seed: 2 });
    await tab.api.train({ maxSteps: 4 });
    expect(await bitsOf(tab)).toEqual(bits);
  } finally {
    profile.closeAll();
  }
});
