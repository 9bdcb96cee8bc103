import { describe, expect, it } from 'vitest';
import { filterOrder, reordered } from '../../../src/components/filters/filterOrder.ts';

const start = Float32Array.of(0, 0, 3, 0, 0, 1);
const now = Float32Array.of(1, 0, 3, 0, 0, -1);

describe('filterOrder', () => {
  it('sorts by index, by norm and by change since the start, largest first', () => {
    expect(filterOrder('index', now, start, 3)).toEqual([0, 1, 2]);
    expect(filterOrder('norm', now, start, 3)).toEqual([1, 0, 2]);
    expect(filterOrder('change', now, start, 3)).toEqual([2, 0, 1]);
  });
});

describe('reordered', () => {
  it('moves whole filters', () => {
    expect([...reordered(now, [2, 0, 1])]).toEqual([0, -1, 1, 0, 3, 0]);
  });
});
