import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSnapshotStep, SnapshotStore } from '../../../src/ml/training/snapshots.ts';

function snapshot(step: number) {
  return { step, epoch: 0, epochEnd: false, parameters: { weight: new Float32Array(256) } };
}

describe('nextSnapshotStep', () => {
  it('is log-spaced early, then ten times an epoch', () => {
    const steps: number[] = [];
    for (let step = 0; step < 9370; ) {
      step = nextSnapshotStep(step, 937);
      steps.push(step);
    }
    expect(steps.slice(0, 8)).toEqual([1, 2, 3, 4, 5, 7, 9, 12]);
    expect(steps.at(-1)).toBe(9400);
    expect(steps.length).toBeGreaterThan(100);
    expect(steps.length).toBeLessThan(130);
  });

  it('is always a later step', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 5000 }), (step, stepsPerEpoch) => {
        expect(nextSnapshotStep(step, stepsPerEpoch)).toBeGreaterThan(step);
      }),
    );
  });
});

describe('SnapshotStore', () => {
  it('keeps order and replaces a snapshot of the same step', () => {
    const store = new SnapshotStore();
    for (const step of [0, 10, 5, 10]) store.add(snapshot(step));
    expect(store.list().map(({ step }) => step)).toEqual([0, 5, 10]);
    expect(store.nearest(8)?.step).toBe(10);
    expect(store.at(6)).toBeUndefined();
  });

  it('stays within its budget and always keeps the first, the newest and the protected snapshot', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(9370), { minLength: 12, maxLength: 80 }), (steps) => {
        const store = new SnapshotStore({ budget: 10 * 1024 });
        const ordered = [...steps].sort((a, b) => a - b);
        const kept = ordered[Math.floor(ordered.length / 3)];
        for (const step of ordered) {
          store.add(snapshot(step));
          if (step === kept) store.protect([step]);
        }
        expect(store.bytes).toBeLessThanOrEqual(10 * 1024);
        const left = store.list().map(({ step }) => step);
        expect(left).toContain(kept);
        expect(left[0]).toBe(ordered[0]);
        expect(left.at(-1)).toBe(ordered.at(-1));
        expect(left.length + store.thinned).toBe(ordered.length);
      }),
    );
  });
});
