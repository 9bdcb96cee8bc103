import { afterEach, expect, test } from 'vitest';
import { SHIPPED } from '../../src/ml/data/shipped.ts';
import { createProfile } from './browserProfile.ts';

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
