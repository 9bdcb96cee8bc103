import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { createCourtesy } from '../../../src/lab/run/courtesy.ts';
import { firstState } from '../../../src/lab/state/firstState.ts';
import { defaultSettings } from '../../../src/lab/state/settings.ts';

/** Training at 200 steps a second, which the other work slows by its share of `weight`. */
function simulate(weight: number) {
  let time = 0;
  const background = {
    underway: 0,
    share: 1,
    setShare(share: number) {
      background.share = share;
    },
  };
  const labStore = createStore(() => firstState(defaultSettings()));
  createCourtesy({ labStore, background, now: () => time });
  labStore.setState({ status: 'training' });
  const speeds: number[] = [];
  return {
    background,
    labStore,
    speeds,
    run(milliseconds: number) {
      for (const end = time + milliseconds; time < end; time += 80) {
        const stepsPerSecond = 200 * (background.underway > 0 ? 1 - weight * background.share : 1);
        speeds.push(stepsPerSecond);
        labStore.setState(({ step }) => ({ step: step + 16, stepsPerSecond }));
      }
    },
  };
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('work that slows training rests until training keeps more than 80 % of its speed', () => {
  const simulation = simulate(0.6);
  simulation.run(2000);
  simulation.background.underway = 1;
  simulation.run(3000);
  simulation.speeds.length = 0;
  simulation.run(20_000);
  expect(mean(simulation.speeds)).toBeGreaterThan(0.84 * 200);
  // The other work goes on.
  expect(simulation.background.share).toBeGreaterThan(0.05);
});

test('work on a core of its own gets its whole share', () => {
  const simulation = simulate(0.02);
  simulation.run(2000);
  simulation.background.underway = 1;
  simulation.run(6000);
  expect(simulation.background.share).toBe(1);
});

test('work that was there before training rests shortly, to measure training alone', () => {
  const simulation = simulate(0.6);
  simulation.background.underway = 1;
  simulation.run(5000);
  expect(mean(simulation.speeds.slice(-20))).toBeGreaterThan(0.8 * 200);
});

test('when training begins, work that is there already rests from the first step on', () => {
  const simulation = simulate(0.6);
  simulation.run(2000);
  simulation.labStore.setState({ status: 'paused' });
  simulation.background.underway = 1;
  expect(simulation.background.share).toBe(1);
  simulation.labStore.setState({ status: 'training' });
  simulation.speeds.length = 0;
  simulation.run(1500);
  expect(mean(simulation.speeds)).toBeGreaterThan(0.84 * 200);
});

test('after training the other work has the machine', () => {
  const simulation = simulate(0.6);
  simulation.run(2000);
  simulation.background.underway = 1;
  simulation.run(3000);
  expect(simulation.background.share).toBeLessThan(1);
  simulation.labStore.setState({ status: 'paused' });
  expect(simulation.background.share).toBe(1);
});
