import { describe, expect, it } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { FilterHistory } from '../../../src/components/filters/filterHistory.ts';
import type { LabActions, LabState } from '../../../src/lab/state/state.ts';
import { labState } from '../lab/labState.ts';

type Filters = NonNullable<LabState['liveFilters']>;

/** The parts of the lab that the history reads. */
function fakeLab(snapshots: Filters[] = []) {
  const kept = snapshots.map(({ step }) => ({ step, epoch: 0, epochEnd: false, best: false }));
  const store = createStore(() => labState({ snapshots: kept }));
  const actions = { filtersAt: (moment) => snapshots.find(({ step }) => step === moment) } as LabActions;
  return { store, actions, show: (liveFilters: Filters) => store.setState({ liveFilters }) };
}

function filters(step: number, value = step / 1e4, count = 4, size = 9): Filters {
  return { step, weight: new Float32Array(count * size).fill(value), bias: new Float32Array(count) };
}

describe('FilterHistory', () => {
  it('keeps the first and the newest frame, in bounded memory, evenly over a long run', () => {
    const lab = fakeLab();
    const history = new FilterHistory(lab);
    for (let step = 0; step <= 9370; step++) lab.show(filters(step));
    const { steps, norms } = history.track(2);
    expect(steps[0]).toBe(0);
    expect(steps.at(-1)).toBe(9370);
    expect(steps.length).toBeLessThanOrEqual(401);
    expect(steps.length).toBeGreaterThan(150);
    const gaps = steps.slice(1).map((step, i) => step - steps[i]);
    expect(Math.min(...gaps)).toBeGreaterThan(0);
    expect(Math.max(...gaps)).toBeLessThan(9370 / 100);
    expect(norms.at(-1)).toBeCloseTo(3 * 0.937, 5);
  });

  it('returns the newest part of a track from a given step', () => {
    const lab = fakeLab();
    const history = new FilterHistory(lab);
    for (const step of [0, 10, 20, 30]) lab.show(filters(step));
    expect(history.track(0, 20).steps).toEqual([20, 30]);
    expect(history.track(0, 25).steps).toEqual([20, 30]);
  });

  it('starts over with the run', () => {
    const lab = fakeLab();
    const history = new FilterHistory(lab);
    for (const step of [0, 10, 20]) lab.show(filters(step));
    lab.show(filters(0, 0.25));
    expect(history.track(0).steps).toEqual([0]);
    lab.show(filters(5));
    lab.show(filters(6, 0.1, 8, 25));
    expect(history.track(7).steps).toEqual([6]);
    expect(history.track(7).weights).toHaveLength(25);
  });

  it('begins again with the snapshots of a run that is opened', () => {
    const lab = fakeLab([filters(0), filters(100, 0.5, 2, 25)]);
    const history = new FilterHistory({
      ...lab,
      actions: {
        ...lab.actions,
        filtersAt: (moment) =>
          lab.store.getState().run === 1 ? filters(0) : filters(Number(moment), 0.5, 2, 25),
      },
    });
    lab.show(filters(937));
    let told = 0;
    history.subscribe(() => told++);
    lab.show(filters(937, 0.25, 2, 25));
    lab.store.setState(({ run }) => ({ run: run + 1 }));
    expect(history.track(1).steps).toEqual([0, 100, 937]);
    expect(history.start()?.weight).toHaveLength(50);
    expect(told).toBe(2);
  });

  it('begins with the snapshots of a run in progress', () => {
    const history = new FilterHistory(fakeLab([filters(0), filters(100), filters(937)]));
    expect(history.track(0).steps).toEqual([0, 100, 937]);
  });

  it('keeps its limits while the weights grow, until more than a few exceed them', () => {
    const lab = fakeLab();
    const history = new FilterHistory(lab);
    lab.show(filters(0, 0.3));
    const first = history.scale.high;
    expect(first).toBe(1);
    lab.show(filters(1, 0.99));
    expect(history.scale.high).toBe(first);
    lab.show(filters(2, -1.2));
    expect(history.scale.high).toBeGreaterThan(1.19);
    expect(history.scale.low).toBe(-history.scale.high);
  });
});
