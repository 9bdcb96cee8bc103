import { describe, expect, test } from 'vitest';
import { canSketch, settledLayout } from '../../../src/components/shared/chartSketch.ts';
import { axisOf, shareOf } from '../../../src/components/shared/plotPlace.ts';

const line = { type: 'scatter', mode: 'lines' } as const;

describe('the sketch of a chart', () => {
  test('draws curves and marks on one horizontal axis', () => {
    expect(canSketch([{ ...line }, { ...line, mode: 'markers', yaxis: 'y2' }])).toBe(true);
    expect(canSketch([{ ...line }, { type: 'bar' }])).toBe(false);
    expect(canSketch([{ ...line, xaxis: 'x2' }])).toBe(false);
  });

  test('keeps a given range', () => {
    const layout = settledLayout([{ ...line, x: [0, 50], y: [1, 2] }], { xaxis: { range: [10, 20] } });
    expect(axisOf(layout.xaxis)).toMatchObject({ low: 10, high: 20 });
  });

  test('includes the axis’s required values, with a margin between data and the ends', () => {
    const layout = settledLayout([{ ...line, x: [0, 50], y: [-1, 1] }], {
      xaxis: { autorangeoptions: { include: [0, 100] } },
      yaxis: { autorangeoptions: { include: [3] } },
    });
    // Curves run to the ends of the horizontal axis.
    expect(axisOf(layout.xaxis)).toMatchObject({ low: 0, high: 100 });
    const y = axisOf(layout.yaxis);
    expect(y?.high).toBe(3);
    expect(y?.low).toBeCloseTo(-1 - 0.06 * 4);
  });

  test('keeps marks apart from the ends of the horizontal axis', () => {
    const layout = settledLayout([{ ...line, mode: 'lines+markers', x: [10, 110], y: [0, 1] }], {});
    expect(axisOf(layout.xaxis)).toMatchObject({ low: 4, high: 116 });
  });

  test('measures a log axis in powers of ten, without values that have no logarithm', () => {
    const layout = settledLayout([{ ...line, x: [0, 1, 2], y: [0, 0.1, 1] }], {
      yaxis: { type: 'log', autorangeoptions: { include: [0.01, 100] } },
    });
    const y = axisOf(layout.yaxis);
    expect(y).toMatchObject({ low: -2, high: 2, log: true });
    expect(y && shareOf(y, 1)).toBe(0.5);
  });

  test('fits each vertical axis to its own curves, from zero if required', () => {
    const layout = settledLayout(
      [
        { ...line, x: [0, 1], y: [5, 10] },
        { ...line, x: [0, 1], y: [1, 2], yaxis: 'y2' },
      ],
      { yaxis2: { rangemode: 'tozero' } },
    );
    expect(axisOf(layout.yaxis)?.low).toBeCloseTo(4.7);
    expect(axisOf(layout.yaxis2)).toMatchObject({ low: 0, high: 2.12 });
  });

  test('has an axis even without data', () => {
    const layout = settledLayout([{ ...line, x: [], y: [Number.NaN] }], {});
    expect(axisOf(layout.yaxis)).toMatchObject({ low: 0, high: 1 });
  });
});
