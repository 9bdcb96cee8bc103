import { describe, expect, it } from 'vitest';
import { axisEnd } from '../../../src/components/shared/axisEnd.ts';
import { readingsAt } from '../../../src/components/shell/readings.ts';
import { needsReset } from '../../../src/components/train/pending.ts';
import { defaultSettings } from '../../../src/lab/state/settings.ts';
import type { LabState } from '../../../src/lab/state/state.ts';
import { labState } from '../lab/labState.ts';

function stateAt(step: number, changes: Partial<LabState> = {}): LabState {
  const losses = Float32Array.from({ length: step }, (_, i) => i);
  const epochs = [1, 2].map((epoch) => ({ epoch, step: epoch * 100 })) as LabState['history']['epochs'];
  return labState({
    step,
    stepsPerEpoch: 100,
    settings: defaultSettings(),
    history: { losses, accuracies: losses, length: step, epochs: epochs.filter((end) => end.step <= step) },
    log: [{ step: 0, kind: 'reset', seed: 111, filters: 32, kernelSize: 3 }],
    ...changes,
  });
}

describe('readingsAt', () => {
  it('counts the current epoch', () => {
    expect([0, 1, 100, 101].map((step) => readingsAt(stateAt(step)).epoch)).toEqual([0, 1, 1, 2]);
    expect(readingsAt(stateAt(1001))).toMatchObject({ epochs: 11, steps: 1100 });
  });

  it('averages the last 100 batches before the moment', () => {
    expect(readingsAt(stateAt(0)).train).toBeUndefined();
    expect(readingsAt(stateAt(3)).train).toMatchObject({ loss: 1, batches: 3 });
    expect(readingsAt(stateAt(250)).train?.loss).toBe(199.5);
    expect(readingsAt(stateAt(250, { moment: 150 })).train?.loss).toBe(99.5);
  });

  it('shows the last test before the moment', () => {
    expect(readingsAt(stateAt(99)).test).toBeUndefined();
    expect(readingsAt(stateAt(250)).test?.epoch).toBe(2);
    expect(readingsAt(stateAt(250, { moment: 150 }))).toMatchObject({ live: false, test: { epoch: 1 } });
  });
});

describe('needsReset', () => {
  it('names the differences from the present run', () => {
    expect(needsReset(stateAt(5))).toBeUndefined();
    const settings = { ...defaultSettings(), seed: 7, kernelSize: 5 };
    expect(needsReset(stateAt(5, { settings }))).toContain('Seed 7 and kernels of 5 × 5');
  });
});

describe('axisEnd', () => {
  it('stays ahead of the run, moves in few steps, and does not exceed the planned end', () => {
    const ends = Array.from({ length: 9371 }, (_, step) => axisEnd(step, 9370));
    expect(ends.every((end, step) => end >= step)).toBe(true);
    expect(new Set(ends).size).toBeLessThan(15);
    expect(ends.at(-1)).toBe(9370);
    expect(axisEnd(20, 12)).toBe(100);
  });
});
