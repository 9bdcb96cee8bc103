import { expect, it } from 'vitest';
import type { TrainingStep } from '../../../src/ml/engines/engine.ts';
import { BatchSource } from '../../../src/ml/engines/wasm/batches.ts';
import { describeFamily } from '../../../src/ml/engines/wasm/family.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';

const family = describeFamily(notebookNetwork());
const { pixels } = family;
const images = Uint8Array.from({ length: 20 * pixels }, (_, i) => (i * 31) % 251);
const labels = Uint8Array.from({ length: 20 }, (_, i) => i % 10);

function step(...indices: number[]): TrainingStep {
  return { indices: Int32Array.from(indices), learningRate: 1e-3 };
}

function source(members = 1): BatchSource {
  const result = new BatchSource(family, members);
  result.setData(images, labels);
  return result;
}

it("copies the batches' images one after another, and leaves given images in place", () => {
  const given = { images: images.slice(0, pixels), labels: labels.slice(0, 1), learningRate: 1 };
  const { steps, buffer } = source().resolve([step(7, 3), given, step(19)], 0);
  expect(steps[1]).toEqual(given);
  expect(buffer.byteLength).toBe(3 * pixels);
  [[7, 3], [0], [19]].forEach((rows, i) => {
    const expected = rows.flatMap((row) => [...images.subarray(row * pixels, (row + 1) * pixels)]);
    expect([...steps[i].images]).toEqual(expected);
    expect([...steps[i].labels]).toEqual(rows.map((row) => labels[row]));
    expect(steps[i].images.buffer === buffer).toBe(i !== 1);
  });
});

it('reuses a returned buffer for the same member while it is large enough', () => {
  const batches = source(2);
  const [first, second] = [0, 1].map((member) => batches.resolve([step(1, 2, 3)], member).buffer);
  expect(first).not.toBe(second);
  const moved = structuredClone(second, { transfer: [second] });
  batches.takeBack(moved, 1);
  batches.takeBack(first, 0);
  expect(batches.resolve([step(4), step(5)], 1).buffer).toBe(moved);
  expect(batches.resolve([step(4), step(5)], 0).buffer).toBe(first);
  expect(batches.resolve([step(1, 2, 3, 4)], 1).buffer.byteLength).toBe(4 * pixels);
  // A buffer that never came back is replaced, even if no images are copied.
  structuredClone(first, { transfer: [first] });
  const given = { images: images.slice(0, pixels), labels: Uint8Array.of(1), learningRate: 1 };
  expect(structuredClone(batches.resolve([given], 0)).steps).toHaveLength(1);
  expect(batches.resolve([step(6)], 0).steps[0].images.length).toBe(pixels);
});

it('rejects steps that do not fit', () => {
  const batches = source();
  expect(() => new BatchSource(family, 1).resolve([step(0)], 0)).toThrow(/expected setData/);
  expect(() => batches.resolve([step(0), step(20)], 0)).toThrow(/indices from 0 to 19, found 20/);
  expect(() => batches.resolve([step(-1)], 0)).toThrow(/indices from 0 to 19, found -1/);
  expect(() => batches.resolve([step()], 0)).toThrow(/at least one image/);
  const given = { images: images.slice(0, pixels), learningRate: 1 };
  expect(() => batches.resolve([{ ...given, labels: Uint8Array.of(1, 2) }], 0)).toThrow(/1 labels, found 2/);
  expect(() => batches.resolve([{ ...given, labels: Uint8Array.of(10) }], 0)).toThrow(/labels from 0 to 9/);
});
