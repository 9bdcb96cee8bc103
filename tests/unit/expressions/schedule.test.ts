import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../src/ml/training/schedule.ts';

describe('parseSchedule', () => {
  it('follows epoch and step', () => {
    const schedule = parseSchedule('1e-3 * 0.9^epoch * min(1, (step + 1) / 100)');
    expect(schedule.text).toBe('1e-3 * 0.9^epoch * min(1, (step + 1) / 100)');
    expect(schedule.at({ epoch: 0, step: 9 })).toBeCloseTo(1e-4, 15);
    expect(schedule.at({ epoch: 2, step: 1874 })).toBeCloseTo(8.1e-4, 15);
  });

  it('accepts a number', () => {
    expect(parseSchedule(1e-3).at({ epoch: 7, step: 7000 })).toBe(1e-3);
    expect(parseSchedule(1e-3).text).toBe('0.001');
  });

  it.each([0, -1, 1e9, Number.NaN, Number.POSITIVE_INFINITY, '0', '1e9', '2 - 3', '1 / 0', 'log(-1)'])(
    'refuses the constant rate %s at once',
    (rate) => {
      expect(() => parseSchedule(rate)).toThrow('expected a learning rate above 0 and up to 100, found');
    },
  );

  it('reports the step where a rate becomes invalid', () => {
    const schedule = parseSchedule('1e-3 * (2 - epoch)');
    expect(schedule.at({ epoch: 1, step: 5 })).toBe(1e-3);
    expect(() => schedule.at({ epoch: 2, step: 1874 })).toThrow(
      'expected a learning rate above 0 and up to 100, found 0 at epoch 2, step 1874 from "1e-3 * (2 - epoch)"',
    );
  });

  it('rejects other names', () => {
    expect(() => parseSchedule('lr * 2')).toThrow('found the name "lr"');
  });
});
