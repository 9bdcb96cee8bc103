import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { createImages, MOST_PINNED } from '../../../../src/lab/images/images.ts';
import { firstState } from '../../../../src/lab/state/firstState.ts';
import { defaultSettings } from '../../../../src/lab/state/settings.ts';
import type { LabState } from '../../../../src/lab/state/state.ts';
import { readDigits } from '../../../../src/ml/pictures/read.ts';

function labStore() {
  return createStore<LabState>(() => firstState(defaultSettings()));
}

function labWithData() {
  const lab = labStore();
  const images = createImages(lab, {
    decodePicture: () => Promise.reject(new Error('not in this test')),
    readPicture: async ({ raster, options }) => readDigits(raster, options),
  });
  const split = {
    images: new Uint8Array(10 * 784).fill(51),
    labels: Uint8Array.from({ length: 10 }, (_, i) => i),
    count: 10,
    channels: 1,
    width: 28,
    height: 28,
  };
  lab.setState({ data: { id: 'ten', name: 'ten', sha256: '', classNames: [], train: split, test: split } });
  return images;
}

const square = (gray: number, side = 40) => {
  const data = new Uint8ClampedArray(4 * side * side).fill(255);
  for (let y = 10; y < 30; y++)
    for (let x = 15; x < 25; x++) data.fill(gray, 4 * (y * side + x), 4 * (y * side + x) + 3);
  return { data, width: side, height: side };
};

test('the first images are the notebook’s three, with the first in focus', () => {
  const { focus, pinned } = labWithData().store.getState();
  expect(pinned.map(({ id }) => id)).toEqual(['test:0', 'test:1', 'test:2']);
  expect(focus).toBe(pinned[0]);
  expect(focus?.pixels[0]).toBeCloseTo(0.2);
});

test('a picture is normalized, and normalized again when the settings change', async () => {
  const images = labWithData();
  await images.openPicture('square.png', async () => ({ name: 'square.png', raster: square(0) }));
  const inkOf = () => images.store.getState().focus?.pixels.reduce((sum, value) => sum + value, 0) ?? 0;
  const normalized = inkOf();
  // 10 x 20 pixels of ink become 10 x 20 of the 28 x 28.
  expect(normalized).toBeCloseTo(200, 0);
  await images.setNormalizing({ normalize: false });
  expect(inkOf()).toBeCloseTo((200 * 28 * 28) / 1600, 0);
  await images.setNormalizing({ normalize: true });
  expect(inkOf()).toBeCloseTo(normalized, 3);
});

test('a picture that cannot be used leaves the image in focus and a problem for people', async () => {
  const images = labWithData();
  const before = images.store.getState().focus;
  const blank = async () => ({ name: 'white.png', raster: square(255) });
  await images.openPicture('white.png', blank);
  const { focus, problem, reading } = images.store.getState();
  expect(focus).toBe(before);
  expect(problem).toMatch(/^Expected ink that stands out/);
  expect(reading).toBeUndefined();
  images.openDataSet('test', 4);
  expect(images.store.getState().problem).toBeUndefined();
});

test('on a network of color images, any picture is scaled in color, and a drawing is the same in every channel', async () => {
  const lab = labStore();
  lab.setState(({ network }) => ({
    network: { ...network, input: { channels: 3, height: 8, width: 10 } },
  }));
  const images = createImages(lab, {
    decodePicture: () => Promise.reject(new Error('not in this test')),
    readPicture: () => Promise.reject(new Error('no digit is looked for')),
  });
  // One color everywhere: a digit's reader would find no ink.
  const data = new Uint8ClampedArray(4 * 40 * 32);
  for (let i = 0; i < data.length; i += 4) data.set([255, 51, 0, 255], i);
  await images.openPicture('flat.png', async () => ({
    name: 'flat.png',
    raster: { data, width: 40, height: 32 },
  }));
  const { focus, problem } = images.store.getState();
  expect(problem).toBeUndefined();
  expect(focus?.name).toBe('flat.png');
  const plane = (channel: number) => [...(focus?.pixels.slice(80 * channel, 80 * (channel + 1)) ?? [])];
  [1, 0.2, 0].forEach((value, channel) => {
    expect(plane(channel)).toEqual(Array(80).fill(Math.fround(value)));
  });
  images.draw([[0.5, 0.1, 0.5, 0.9]]);
  const drawn = images.store.getState().focus?.pixels ?? new Float32Array(0);
  expect(Math.max(...drawn)).toBeGreaterThan(0.3);
  expect([...drawn.slice(80, 160)]).toEqual([...drawn.slice(0, 80)]);
  expect([...drawn.slice(160)]).toEqual([...drawn.slice(0, 80)]);
});

test('of two pictures that are being read, the later picture wins', async () => {
  const images = labWithData();
  let finish: () => void = () => undefined;
  const slow = images.openPicture('slow.png', async () => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    return { name: 'slow.png', raster: square(0) };
  });
  await images.openPicture('quick.png', async () => ({ name: 'quick.png', raster: square(0) }));
  finish();
  await slow;
  expect(images.store.getState().focus?.name).toBe('quick.png');
});

test('a drawing continues in place until pinned, then in a copy', () => {
  const images = labWithData();
  const id = () => images.store.getState().focus?.id;
  images.draw([[0.3, 0.3, 0.6, 0.8]]);
  const first = id();
  images.draw([
    [0.3, 0.3, 0.6, 0.8],
    [0.6, 0.3, 0.3, 0.8],
  ]);
  expect(id()).toBe(first);
  const { focus } = images.store.getState();
  if (focus) images.pin(focus);
  images.draw([]);
  expect(id()).not.toBe(first);
  expect(images.store.getState().pinned.at(-1)).toBe(focus);
  expect(images.store.getState().focus?.pixels.every((value) => value === 0)).toBe(true);
});

test('no more than six are pinned, each once', () => {
  const images = labWithData();
  for (let index = 0; index < 8; index++) {
    images.openDataSet('train', index);
    const { focus } = images.store.getState();
    if (focus) images.pin(focus);
  }
  const { pinned, problem } = images.store.getState();
  expect(pinned).toHaveLength(MOST_PINNED);
  expect(problem).toMatch(/Unpin one first/);
  images.unpin('test:0');
  images.pin(pinned[1]);
  expect(images.store.getState().pinned).toHaveLength(MOST_PINNED - 1);
});
