import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { SHIPPED } from '../../src/ml/data/shipped.ts';
import { colorBatch } from '../fixtures/colorImages.ts';
import { createProfile, type Tab } from './browserProfile.ts';

const profile = createProfile();
afterEach(() => profile.closeAll());

test('a run on Fashion-MNIST names its data in its file, its link and its saved run, and comes back', async () => {
  const { api, lab } = await profile.open({ comesBack: false });
  await api.reset({ data: 'fashion-mnist', seed: 7 });
  expect(lab.store.getState().data?.classNames[9]).toBe('Ankle boot');
  expect(lab.images.store.getState().focus?.label).toBe(9);
  expect(api.share()).toContain('data=fashion-mnist');
  const { losses } = await api.train({ maxSteps: 3 });
  const file = await api.export('run');
  await lab.keep.refresh();

  // The same network and seed on MNIST: other losses, and the file brings Fashion-MNIST back.
  await api.reset({ data: 'mnist' });
  const other = await api.train({ maxSteps: 3 });
  expect([...other.losses]).not.toEqual([...losses]);
  await api.import(file);
  const { data, settings, history } = lab.store.getState();
  expect(data).toMatchObject({ id: 'fashion-mnist', sha256: SHIPPED['fashion-mnist'].sha256 });
  expect(settings.data).toBe('fashion-mnist');
  expect([...history.losses.subarray(0, 3)]).toEqual([...losses]);
});

test('data that are nowhere are asked for, and the present run stays', async () => {
  const { api, lab } = await profile.open({ comesBack: false });
  await expect(api.reset({ data: 'own-0123456789ab' })).rejects.toThrow(/own-0123456789ab.*Drop their files/);
  await expect(api.reset({ data: 'cifar' })).rejects.toThrow(/expected mnist, fashion-mnist/);
  expect(lab.store.getState()).toMatchObject({ settings: { data: 'mnist' }, status: 'idle' });
});

test('color images in CIFAR-10’s format train LeNet, which follows their shape and classes, and the data come back', async () => {
  const names = ['data_batch_1.bin', 'test_batch.bin', 'batches.meta.txt'];
  const files = names.map((name) => new File([readFileSync(`tests/fixtures/data/${name}`)], name));
  const first = await profile.open({ comesBack: false });
  const id = await first.api.openData(files, { name: 'tiny' });
  expect(id).toMatch(/^own-[0-9a-f]{12}$/);
  await first.api.reset({ network: 'lenet' });
  await first.api.reset({ data: id });
  expect(first.lab.store.getState()).toMatchObject({
    network: { input: { channels: 3, height: 32, width: 32 } },
    data: { classNames: ['airplane', 'automobile', 'bird'] },
    settings: { batchSize: 5 },
  });
  expect(first.api.state.problems.join()).toMatch(/3 × 32 × 32 values and has 3 outputs/);
  await first.api.train({ epochs: 3, batchSize: 2 });
  const evaluation = await first.api.evaluate();
  expect(evaluation.confusion).toHaveLength(9);
  await expectAnswersOnFewImages(first);
  const image = { split: 'train', index: 0 } as const;
  const metamer = await first.api.metamer({ image, layer: 'conv1', iterations: 20 });
  expect(metamer.image).toHaveLength(3072);
  expect(metamer.loss).toBeLessThan(metamer.losses[0]);
  const { images } = await first.api.attack({
    method: 'pgd',
    norm: 'l2',
    epsilon: 40,
    split: 'train',
    indices: [0, 1],
  });
  expect(images).toHaveLength(2 * 3072);
  await expect(first.api.attack({ method: 'fgsm', norm: 'l2', epsilon: 56 })).rejects.toThrow(/0 to 55.42/);
  // The panel attacks all test images if there are fewer than its usual number.
  await first.lab.attacks.curve.start();
  expect(first.lab.attacks.store.getState()).toMatchObject({ curves: [{ count: 1 }] });
  const file = await first.api.export('run');
  await first.lab.keep.refresh();
  first.close();

  // A reload finds run and images in the storage; a browser without them opens the file, which holds them.
  const second = await profile.open();
  expect(second.lab.store.getState()).toMatchObject({ data: { id, name: 'tiny' }, step: 6 });
  second.close();
  const other = createProfile();
  const third = await other.open({ comesBack: false });
  await third.api.import(file);
  expect(third.lab.store.getState()).toMatchObject({ data: { id, name: 'tiny' }, step: 6 });

  // Questions of the panels fit the few images, and are the usual ones again on other data.
  const panelSettings = () => third.lab.geometry.store.getState().settings.examplesPerClass;
  expect(panelSettings()).toBe(4);
  expect((await third.api.spectrum({ layer: 'fc3' })).labels).toHaveLength(5);
  // A batch of all five images is the small data set's: other data have the earlier size again.
  await third.api.set({ batchSize: 5 });
  await third.api.reset({ data: 'mnist' });
  expect(third.api.state.settings.batchSize).toBe(64);
  expect(panelSettings()).toBe(50);
  await third.api.set({ batchSize: 32 });
  await third.api.reset({ data: id });
  expect(third.api.state.settings.batchSize).toBe(5);
  await third.api.reset({ data: 'mnist' });
  expect(third.api.state.settings.batchSize).toBe(32);
  other.closeAll();
});

test('folders are listed with progress, until a person cancels', async () => {
  const { lab } = await profile.open({ comesBack: false });
  const { ownImages } = lab;
  let listed: () => void = () => undefined;
  const given = ownImages.gather('many', async ({ signal, onFound }) => {
    onFound(200);
    await new Promise<void>((resolve) => {
      listed = resolve;
    });
    signal.throwIfAborted();
    return [];
  });
  expect(ownImages.store.getState()).toEqual({
    name: 'many',
    progress: { done: 200, total: 0, what: 'files found' },
  });
  ownImages.cancel();
  listed();
  expect(await given).toBeUndefined();
  expect(ownImages.store.getState()).toEqual({});
  // What cannot be read is said in the dialog.
  const failed = ownImages.gather('gone', () => Promise.reject(new Error('expected a folder, found none')));
  expect(await failed).toBeUndefined();
  expect(ownImages.store.getState().problem).toMatch(/Expected a folder/);
});

test('of two offers of files the latest counts, and a problem is said in the dialog', async () => {
  const { lab } = await profile.open({ comesBack: false });
  const { ownImages } = lab;
  const offer = (name: string, bytes: Uint8Array<ArrayBuffer>) =>
    ownImages.offer([{ path: name, file: new Blob([bytes]) }]);
  void offer('first.bin', colorBatch(20));
  await offer('second.bin', colorBatch(30));
  expect(ownImages.store.getState()).toMatchObject({ name: 'second', preview: { counts: [10, 10, 10] } });
  await offer('third.bin', new Uint8Array(5));
  expect(ownImages.store.getState()).toEqual({
    name: 'third',
    problem: expect.stringContaining('third.bin'),
  });
});

test('manifolds of rotations of one image have figures at every layer, on other images for their errors', async () => {
  const { api } = await profile.open({ comesBack: false });
  const few = { layers: ['input', 'fc'], examplesPerClass: 6, samples: 10, restarts: 2, resamples: 2 };
  const turned = await api.geometry({ ...few, augment: { kind: 'rotate', reach: 20 } });
  const classes = await api.geometry(few);
  expect(turned.input.labels).toHaveLength(10);
  // Views of one image are closer to each other than images of a class.
  expect(turned.input.radius).toBeLessThan(classes.input.radius);
  expect(turned.input.resampled?.kind).toBe('redraws');
  await expect(
    api.geometry({ ...few, indices: [0, 1, 2, 3, 4, 5, 6, 7], augment: { kind: 'shear', reach: 1 } }),
  ).rejects.toThrow(/one image for each manifold/);
});

async function expectAnswersOnFewImages({ api, lab }: Tab): Promise<void> {
  const spectrum = await api.spectrum({ layer: 'conv1', count: 4 });
  expect(spectrum.labels).toHaveLength(4);
  // Fewer than the usual number of images.
  const similarity = await api.similarity();
  expect(similarity.count).toBe(lab.store.getState().data?.train.count);
  const { layers } = await api.inspect({ split: 'test', index: 0 });
  expect(layers.input.shape).toEqual([1, 3, 32, 32]);
}
