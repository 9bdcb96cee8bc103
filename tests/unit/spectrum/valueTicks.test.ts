import { expect, it } from 'vitest';
import { valueTicks } from '../../../src/components/spectrum/spectrumFigure.ts';

it('leaves out values of rounding noise, and has no ticks if all values are zero', () => {
  const { ticktext } = valueTicks(Float64Array.of(100, 1e-5, 1e-20, 0));
  expect(ticktext).toEqual(valueTicks(Float64Array.of(100, 1e-5)).ticktext);
  expect(ticktext).toContain('100');
  expect(valueTicks(Float64Array.of(0, 0))).toEqual({});
});
