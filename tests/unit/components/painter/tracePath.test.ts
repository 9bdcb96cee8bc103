import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Scale } from '../../../../src/components/painter/scale.ts';
import { type CurveValues, tracePath } from '../../../../src/components/painter/tracePath.ts';

/** A pixel for each unit. */
const unit: Scale = { spread: 'linear', low: 0, high: 1, start: 0, end: 1 };

type Point = readonly [x: number, y: number];

/** The curve's points, a list for each part between gaps. */
function partsOf(values: CurveValues, { across = unit, down = unit, column = 1 } = {}): Point[][] {
  const parts: Point[][] = [];
  tracePath(
    {
      moveTo: (x, y) => parts.push([[x, y]]),
      lineTo: (x, y) => parts.at(-1)?.push([x, y]),
    },
    values,
    { across, down, column },
  );
  return parts;
}

describe('a curve’s path', () => {
  test('joins all points where each has a column of its own', () => {
    expect(partsOf({ x: [0, 2, 4], y: [3, 1, 2] })).toEqual([
      [
        [0, 3],
        [2, 1],
        [4, 2],
      ],
    ]);
  });

  test('takes a value’s index for its place, from the first to the end given', () => {
    expect(partsOf({ y: Float32Array.of(9, 8, 7, 6), from: 1, to: 3 })).toEqual([
      [
        [1, 8],
        [2, 7],
      ],
    ]);
    expect(partsOf({ y: [] })).toEqual([]);
  });

  test('has a gap at a value without a place, or runs on', () => {
    const y = [1, 2, Number.NaN, 3, Number.POSITIVE_INFINITY, Number.NaN, 4, 5];
    const xs = (parts: Point[][]) => parts.map((part) => part.map(([x]) => x));
    expect(xs(partsOf({ y }))).toEqual([[0, 1], [3], [6, 7]]);
    expect(xs(partsOf({ y, isBridged: true }))).toEqual([[0, 1, 3, 6, 7]]);
  });

  test('has a gap where a logarithmic axis has no place, as in Plotly', () => {
    const down: Scale = { spread: 'log', low: -1, high: 1, start: 100, end: 0 };
    expect(partsOf({ y: [10, 0.1, 0, 1, -1, 10] }, { down })).toEqual([
      [
        [0, 0],
        [1, 100],
      ],
      [[3, 50]],
      [[5, 0]],
    ]);
  });

  test('keeps of a column the first, the lowest, the highest and the last point, in their order', () => {
    const x = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 1];
    const y = [5, 6, 9, 7, 2, 4, 6, 5];
    expect(partsOf({ x, y })).toEqual([
      [
        [0, 5],
        [0.2, 9],
        [0.4, 2],
        [0.6, 6],
        [1, 5],
      ],
    ]);
  });

  test('of any curve covers the same rows of pixels in each column, with four points at most', () => {
    const curve = fc.array(
      fc.record({ x: fc.integer({ min: 0, max: 300 }), y: fc.integer({ min: -50, max: 50 }) }),
    );
    fc.assert(
      fc.property(curve, (points) => {
        const sorted = points.map(({ x }) => x / 50).sort((a, b) => a - b);
        const y = points.map((point) => point.y);
        const whole = sorted.map((x, i): Point => [x, y[i]]);
        const [thinned = []] = partsOf({ x: sorted, y });
        for (let column = 0; column <= 6; column++) {
          const inside = ([x]: Point) => Math.floor(x) === column;
          const [all, kept] = [whole.filter(inside), thinned.filter(inside)];
          expect(kept.length).toBeLessThanOrEqual(4);
          expect([kept.at(0), kept.at(-1)]).toEqual([all.at(0), all.at(-1)]);
          expect(rangeOf(kept)).toEqual(rangeOf(all));
        }
      }),
    );
  });

  test('has columns as wide as the screen’s pixels', () => {
    const values = { x: [0, 0.1, 0.2, 0.6, 0.7, 0.8], y: [0, 0, 0, 0, 0, 0] };
    expect(partsOf(values)[0].map(([x]) => x)).toEqual([0, 0.8]);
    expect(partsOf(values, { column: 0.5 })[0].map(([x]) => x)).toEqual([0, 0.2, 0.6, 0.8]);
  });
});

function rangeOf(points: Point[]): number[] {
  return [Math.min(...points.map(([, y]) => y)), Math.max(...points.map(([, y]) => y))];
}
