import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { notebookDraw } from '../../../src/ml/data/notebookDraw.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';
import { numpyPermutation } from '../../../src/ml/random/numpyPermutation.ts';

const { indices } = JSON.parse(readFileSync('tests/golden/mftma_notebook.json', 'utf8')) as {
  indices: Record<string, number[]>;
};
const trainLabels = new Uint8Array(
  gunzipSync(readFileSync('public/mnist/train-labels-idx1-ubyte.gz')),
).subarray(8);

describe('numpy’s permutation', () => {
  it('is RandomState(0).permutation(10)', () => {
    expect([...numpyPermutation(new Mt19937(0), 10)]).toEqual([2, 8, 4, 9, 1, 6, 7, 3, 0, 5]);
  });

  it('is a permutation for any seed and count', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 300 }), (seed, count) => {
        const order = [...numpyPermutation(new Mt19937(seed), count)];
        expect(order.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
      { numRuns: 50 },
    );
  });

  it('rejects counts that are not whole', () => {
    expect(() => numpyPermutation(new Mt19937(0), 2.5)).toThrow(/whole number of items, found 2.5/);
  });
});

describe('the notebook’s draw', () => {
  it('is the notebook’s 500 training images, in its order of classes', () => {
    const drawn = notebookDraw(trainLabels, { classes: 10, examplesPerClass: 50 });
    expect(drawn.map(({ label }) => String(label))).toEqual([
      ...['3', '2', '8', '4', '9'],
      ...['1', '6', '7', '0', '5'],
    ]);
    for (const { label, indices: own } of drawn) expect([...own]).toEqual(indices[label]);
  });

  it('takes the first images of each class: a smaller draw is the start of a larger draw', () => {
    const few = notebookDraw(trainLabels, { classes: 10, examplesPerClass: 7 });
    for (const { label, indices: own } of few) expect([...own]).toEqual(indices[label].slice(0, 7));
  });

  it('draws fewer images of a class that has too few', () => {
    const drawn = notebookDraw([0, 1, 0, 0], { classes: 2, examplesPerClass: 2 });
    expect(drawn.find(({ label }) => label === 0)?.indices).toHaveLength(2);
    expect([...(drawn.find(({ label }) => label === 1)?.indices ?? [])]).toEqual([1]);
  });
});
