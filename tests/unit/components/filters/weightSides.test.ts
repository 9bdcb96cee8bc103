import { describe, expect, test } from 'vitest';
import { shownWeights } from '../../../../src/components/filters/layerWeights.ts';
import { commonScale, weightSides, weightsPicture } from '../../../../src/components/filters/weightSides.ts';
import type { MomentWeights } from '../../../../src/lab/compare/momentWeights.ts';
import { parseNetworkText } from '../../../../src/ml/model/text.ts';

const network = parseNetworkText('conv 2 3x3, relu, pool 2, conv 2 2x2, relu, fc 10');
/** Two filters of two channels of 2 x 2. */
const shape = shownWeights(network, 'conv2');
const SIZE = 16;

/** A moment whose weights of conv2 all have one value. */
function moment(step: number, value: number, size = SIZE): MomentWeights {
  return { step, network, parameters: { 'conv2.weight': new Float32Array(size).fill(value) } };
}

const values = (sides: ReturnType<typeof weightSides>) =>
  sides.map(({ title, weight }) => [title, ...new Set(weight)]);

describe('the sides of a comparison of a deeper layer', () => {
  test('while live: the start, now, and now − the start', () => {
    const now = moment(40, 0.75);
    expect(values(weightSides(shape, { weights: now, pair: { earlier: moment(0, 0.5), now } }))).toEqual([
      ['before training', 0.5],
      ['now, at step 40', 0.75],
      ['difference, now − before training', 0.25],
    ]);
  });

  test('at an earlier moment: that moment, the newest, and their difference', () => {
    const weights = moment(16, 0.5);
    expect(
      values(weightSides(shape, { weights, pair: { earlier: weights, now: moment(1040, 0.25) } })),
    ).toEqual([
      ['at step 16', 0.5],
      ['now, at step 1,040', 0.25],
      ['difference, now − step 16', -0.25],
    ]);
  });

  test('two moments go before the compared run, which has one moment', () => {
    const now = moment(40, 1);
    const theirs = { ...moment(40, 2), name: 'Six' };
    expect(weightSides(shape, { weights: now, pair: { earlier: now, now }, theirs })).toHaveLength(3);
    expect(values(weightSides(shape, { weights: now, theirs }))).toEqual([
      ['this run, at step 40', 1],
      ['“Six”, at step 40', 2],
    ]);
    expect(values(weightSides(shape, { weights: now, theirs: { ...theirs, step: 32 } }))[1][0]).toBe(
      '“Six”, at step 32, its nearest snapshot',
    );
  });

  test('a compared run without the layer, or with a layer of other sizes, leaves one side', () => {
    const weights = moment(40, 1);
    const alone = [['at step 40', 1]];
    expect(values(weightSides(shape, { weights, theirs: { ...moment(40, 2, 24), name: 'Six' } }))).toEqual(
      alone,
    );
    const without = { step: 40, network, parameters: {}, name: 'Six' };
    expect(values(weightSides(shape, { weights, theirs: without }))).toEqual(alone);
  });

  test('before the first answer there is no side, and none of a network before a reset', () => {
    expect(weightSides(shape, {})).toEqual([]);
    expect(weightSides(shape, { weights: moment(40, 1, 24) })).toEqual([]);
  });

  test('one scale holds every side, differences included', () => {
    const now = moment(40, 0.5);
    const sides = weightSides(shape, { weights: now, pair: { earlier: moment(0, -0.7), now } });
    expect(commonScale(sides)).toEqual({ low: -1.5, high: 1.5 });
  });

  test('the saved picture has the norms of every side on the scale of the largest, or its slices', () => {
    const now = moment(40, 0.75);
    const sides = weightSides(shape, { weights: now, pair: { earlier: moment(0, 0.5), now } });
    const drawn = { shape, sides, order: [1, 0], scale: commonScale(sides) };
    const norms = weightsPicture({ ...drawn, asSlices: false });
    expect(norms).toMatchObject({ quantity: 'norm', rows: 2, columns: 2, names: [''] });
    expect(norms.grids.map(({ title, weights }) => [title, ...new Set(weights)])).toEqual([
      ['before training', 1],
      ['now, at step 40', 1.5],
      ['difference, now − before training', 0.5],
    ]);
    expect(norms.scale.high).toBe(1.5);
    const slices = weightsPicture({ ...drawn, asSlices: true });
    expect(slices).toMatchObject({ quantity: 'weight', rows: 2, columns: 2, across: 2 });
    expect(slices.names).toEqual(['1, 0', '1, 1', '0, 0', '0, 1']);
  });
});
