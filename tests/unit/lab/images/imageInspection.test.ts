import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { Questions } from '../../../../src/lab/ask/questions.ts';
import { createImageInspection } from '../../../../src/lab/images/imageInspection.ts';
import type { Images } from '../../../../src/lab/images/images.ts';
import type { ImagesState } from '../../../../src/lab/images/imagesState.ts';
import type { LabImage } from '../../../../src/lab/images/labImage.ts';
import { labState } from '../labState.ts';

function image(id: string, value: number): LabImage {
  return { id, name: id, pixels: new Float32Array(784).fill(value), origin: { kind: 'pixels' } };
}

/** A lab whose network answers only when the test allows it. */
function setUp() {
  const lab = createStore(() => labState());
  const store = createStore<ImagesState>(() => ({
    focus: image('a', 0),
    pinned: [image('p', 0.5)],
    normalize: true,
    invert: 'auto',
  }));
  const underway: { first: number; count: number; answer(): void }[] = [];
  const inspect: Questions['inspect'] = (pixels) =>
    new Promise((resolve) => {
      underway.push({
        first: pixels[0],
        count: pixels.length / 784,
        answer: () =>
          resolve({
            step: 0,
            parameters: {},
            count: 1,
            layers: {},
            probabilities: new Float32Array(0),
            predictions: new Uint8Array(0),
          }),
      });
    });
  const imageInspection = createImageInspection(lab, { store } as Images, { inspect });
  return { lab, store, underway, imageInspection };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

test('one question runs at a time, and the next is about the newest image', async () => {
  const { store, underway, imageInspection } = setUp();
  imageInspection.watch();
  expect(underway).toHaveLength(1);
  expect(underway[0].count).toBe(2);
  for (const value of [0.125, 0.25, 0.75]) store.setState({ focus: image('a', value) });
  await turn();
  expect(underway).toHaveLength(1);
  underway[0].answer();
  await turn();
  expect(underway.map(({ first }) => first)).toEqual([0, 0.75]);
  underway[1].answer();
  await turn();
  expect(underway).toHaveLength(2);
  expect(imageInspection.store.getState().inspected?.images[0]).toBe(store.getState().focus);
});

test('an image that is in focus and pinned is inspected once', () => {
  const { store, underway, imageInspection } = setUp();
  store.setState({ focus: store.getState().pinned[0] });
  imageInspection.watch();
  expect(underway[0].count).toBe(1);
});

test('the answer is about a pinned image that is opened again', async () => {
  const { store, underway, imageInspection } = setUp();
  // As the gallery opens it: another object with the same id.
  store.setState({ focus: { ...store.getState().pinned[0] } });
  imageInspection.watch();
  expect(underway[0].count).toBe(1);
  underway[0].answer();
  await turn();
  expect(imageInspection.store.getState().inspected?.images[0]).toBe(store.getState().focus);
});

test('an answer from before a reset is dropped', async () => {
  const { lab, underway, imageInspection } = setUp();
  imageInspection.watch();
  lab.setState({ network: { input: { channels: 1, height: 28, width: 28 }, layers: [] }, run: 2 });
  underway[0].answer();
  await turn();
  expect(imageInspection.store.getState().inspected).toBeUndefined();
  expect(underway).toHaveLength(2);
});
