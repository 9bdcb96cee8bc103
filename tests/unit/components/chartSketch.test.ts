import { describe, expect, test } from 'vitest';
import { shareOf } from '../../../src/components/painter/scale.ts';
import { canSketch, sketchPicture } from '../../../src/components/shared/chartSketch.ts';
import { overlayPicture } from '../../../src/components/shared/plotOverlay.ts';
import { axisOf } from '../../../src/components/shared/plotScales.ts';
import { settledLayout } from '../../../src/components/shared/settledLayout.ts';

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
    expect(y).toMatchObject({ low: -2, high: 2, spread: 'log' });
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

describe('the picture of a sketch', () => {
  const layout = {
    width: 200,
    height: 120,
    margin: { l: 40, r: 10, t: 10, b: 20 },
    font: { family: 'Arial', color: 'gray' },
    xaxis: { range: [0, 100] },
    yaxis: { range: [-2, 1], type: 'log', tickvals: [0.01, 0.1, 1, 100], ticktext: ['a', 'b', 'c', 'd'] },
    yaxis2: { range: [0, 4], domain: [0, 0.5] },
  };
  const traces = [
    { ...line, mode: 'lines+markers', x: [0, 1], y: [1, 1], line: { color: 'red', dash: 'dot' } } as const,
    { ...line, x: [0, 1], y: [1, 1], yaxis: 'y2' } as const,
  ];

  test('has the axis below, and for each vertical axis its field with curves under points', () => {
    const { width, height, family, fields } = sketchPicture(traces, layout);
    expect([width, height, family]).toEqual([200, 120, 'Arial']);
    expect(fields.map(({ marks }) => marks.map(({ kind }) => kind))).toEqual([
      ['axis'],
      ['axis', 'curve', 'points'],
      ['axis', 'curve'],
    ]);
    const [, first, second] = fields;
    expect(first.across).toMatchObject({ low: 0, high: 100, start: 40, end: 190 });
    expect(first.down).toMatchObject({ spread: 'log', start: 100, end: 10 });
    expect(second.down).toMatchObject({ spread: 'linear', start: 100, end: 55 });
    expect(first.marks[1]).toMatchObject({ color: 'red', dash: [3, 3], isClipped: true });
  });

  test('has the layout’s ticks within the range, or round ones', () => {
    const [{ marks: below }, { marks }] = sketchPicture(traces, layout).fields;
    expect(marks[0]).toMatchObject({ ticks: [{ label: 'a' }, { label: 'b' }, { label: 'c' }] });
    expect(below[0]).toMatchObject({
      ticks: [0, 20, 40, 60, 80, 100].map((value) => ({ value, label: `${value}` })),
    });
  });

  test('places lines and notes of the whole chart by their share of it', () => {
    const shape = { xref: 'paper', x0: 0, x1: 1, y0: 1, y1: 1, line: { color: 'blue' } };
    const note = { x: 1, y: 0, text: 'here', xanchor: 'right', font: { size: 11 } };
    const { marks } = sketchPicture(traces, { ...layout, shapes: [shape], annotations: [note] }).fields[1];
    expect(marks[1]).toMatchObject({ kind: 'rule', from: [40, 40], to: [190, 40], color: 'blue' });
    // On a log axis, a note's place is the logarithm.
    expect(marks.at(-1)).toMatchObject({ kind: 'label', text: 'here', x: 189, y: 39, align: 'right' });
  });

  test('of an overlay has its lines on their axes, and the moment over all of the chart', () => {
    const curve = { y: [1, 2], color: 'red', width: 1 };
    const overlay = {
      lines: [
        { ...curve, axis: 'y2' },
        { ...curve, axis: 'y2' },
      ] as const,
      cursor: { x: 50, color: 'blue' },
    };
    const { fields } = overlayPicture(overlay, layout);
    expect(fields.map(({ marks }) => marks.map(({ kind }) => kind))).toEqual([
      ['curve', 'curve'],
      ['moment'],
    ]);
    expect(fields[0].down).toMatchObject({ low: 0, high: 4, start: 100, end: 55 });
    expect(fields[1].down).toMatchObject({ start: 100, end: 10 });
    expect(overlayPicture({ lines: [] }, { width: 200, height: 120 }).fields).toEqual([]);
  });
});
