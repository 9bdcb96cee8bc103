import { describe, expect, it } from 'vitest';
import { epochsTable, filtersFigure, learningFigure, table } from '../../../../src/lab/share/figures.ts';

const epoch = (number: number, testLoss: number) => ({
  epoch: number,
  step: number * 100,
  trainLoss: 0.5,
  trainAccuracy: 0.9,
  testLoss,
  testAccuracy: 0.95,
  seconds: 1,
});

describe('tables and figures of a run', () => {
  it('writes rows as CSV', () => {
    expect(
      table([
        { layer: 'fc', capacity: 0.1 },
        { layer: 'conv', capacity: 2 },
      ]),
    ).toBe('layer,capacity\nfc,0.1\nconv,2\n');
    expect(epochsTable([])).toBe('epoch,step,trainLoss,trainAccuracy,testLoss,testAccuracy,seconds\n');
    expect(epochsTable([epoch(1, 0.25)]).split('\n')[1]).toBe('1,100,0.5,0.9,0.25,0.95,1');
  });

  it('draws the test loss on a logarithmic scale', () => {
    const figure = learningFigure({
      losses: new Float32Array(200).fill(1),
      epochs: [epoch(1, 0.1), epoch(2, 0.01)],
    });
    const circles = [...figure.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [+x, +y]);
    // From 1 at the top (16) to 0.01 at the bottom (352).
    expect(circles).toEqual([
      [384, 184],
      [704, 352],
    ]);
    expect(figure).toMatch(/^<svg [^>]*>[\s\S]*<\/svg>\n$/);
  });

  it('draws a run without steps, and a run whose loss is not a number', () => {
    for (const losses of [new Float32Array(0), Float32Array.of(Number.NaN, 1, Number.POSITIVE_INFINITY)]) {
      expect(learningFigure({ losses, epochs: [] })).not.toMatch(/NaN|Infinity/);
    }
  });

  it('colors each weight by its sign and share of the largest', () => {
    const figure = filtersFigure(Float32Array.of(0, 0.5, -1, 0.25), 2);
    const colors = [...figure.matchAll(/<rect x[^>]* fill="(#\w+)"/g)].map(([, color]) => color);
    expect(colors[0]).toBe('#e8eaeb');
    expect(colors[2]).toBe('#f59322');
    expect(colors[1]).toBe('#78b1d4');
    expect(figure).toContain('<title>filter 0: -1.000</title>');
    const color = filtersFigure(new Float32Array(2 * 3 * 4).fill(1), 2, 3);
    expect(color).toContain('<title>filter 1, channel 2: 1.000</title>');
    expect(color).not.toContain('filter 2');
  });
});
