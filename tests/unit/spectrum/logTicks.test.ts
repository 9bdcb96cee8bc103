import { expect, it } from 'vitest';
import { logTicks } from '../../../src/components/spectrum/spectrumFigure.ts';

it('labels 200, 100 and 50 by themselves', () => {
  expect(logTicks(Float64Array.of(310, 90, 24))).toMatchObject({
    ticktext: ['10', '20', '50', '100', '200', '500', '1000', '2000', '5000'],
  });
});

it('keeps only powers of ten over many decades, and nothing if all values are zero', () => {
  expect(logTicks(Float64Array.of(100, 1e-5, 0))).toMatchObject({
    tickvals: [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100],
    ticktext: ['1e-5', '0.0001', '0.001', '0.01', '0.1', '1', '10', '100'],
  });
  expect(logTicks(Float64Array.of(0, 0))).toEqual({});
});
