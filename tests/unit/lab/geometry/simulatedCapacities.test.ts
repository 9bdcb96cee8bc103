import { describe, expect, it } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { GeometryPool } from '../../../../src/lab/geometry/geometryPool.ts';
import { checkGeometry } from '../../../../src/lab/geometry/geometrySettings.ts';
import type { GeometryState } from '../../../../src/lab/geometry/geometryState.ts';
import {
  createSimulatedCapacities,
  shownSimulation,
} from '../../../../src/lab/geometry/simulatedCapacities.ts';
import type { SimulationFinding } from '../../../../src/lab/geometry/simulationFinding.ts';
import { firstState } from '../../../../src/lab/state/firstState.ts';
import { defaultSettings } from '../../../../src/lab/state/settings.ts';
import type { LabState } from '../../../../src/lab/state/state.ts';
import { simulation } from '../keep/examples.ts';

const split = {
  images: new Uint8Array(300 * 784),
  labels: Uint8Array.from({ length: 300 }, (_, i) => i % 3),
  count: 300,
  channels: 1,
  width: 28,
  height: 28,
};
const { result } = simulation;

const notAsked = () => Promise.reject(new Error('not asked'));

/** A lab at step 40 whose simulations end on request, and read the network at step 42. */
function simulator() {
  const lab = createStore<LabState>(() => ({
    ...firstState(defaultSettings()),
    status: 'idle',
    run: 1,
    data: { id: 'three', name: 'three', sha256: '', classNames: ['a', 'b', 'c'], train: split, test: split },
    step: 40,
  }));
  const settings = checkGeometry(lab.getState(), { examplesPerClass: 20 });
  const geometry = createStore<GeometryState>(() => ({
    settings: { ...settings, layers: ['fc'] },
    active: true,
    curves: true,
    results: new Map(),
    step: 40,
    running: [],
    left: 0,
    secondsLeft: 0,
  }));
  const ends: ((value: typeof result) => void)[] = [];
  const offsets: boolean[] = [];
  const simulate: GeometryPool['simulate'] = ({ offset }, { signal } = {}) =>
    new Promise((resolve, reject) => {
      offsets.push(offset);
      ends.push(resolve);
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  const noted: SimulationFinding[] = [];
  const capacities = createSimulatedCapacities({
    labStore: lab,
    geometry,
    pool: {
      ...{ size: 1, analyze: notAsked, resample: notAsked, simulate, similarity: notAsked },
      ...{ glueSpan: notAsked, glueSamples: notAsked, glueSummary: notAsked, glueResample: notAsked },
    },
    momentAt: async () => ({ key: '42', network: lab.getState().network, parameters: {}, step: 42 }),
    note: (finding) => noted.push(finding),
  });
  const shown = (step = geometry.getState().step, offset = false) =>
    shownSimulation(
      capacities.store.getState().simulations,
      { ...geometry.getState(), step },
      { layer: 'fc', offset },
    );
  /** Resolves once the pool has received `count` requests. */
  const asked = async (count: number) => {
    while (ends.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return { lab, geometry, capacities, ends, offsets, noted, shown, asked };
}

describe('a simulated capacity', () => {
  it('is stored at the step that was read, and shown there', async () => {
    const { capacities, ends, noted, shown, asked } = simulator();
    const simulated = capacities.simulate('fc');
    expect(shown()).toEqual({ fraction: 0 });
    await asked(1);
    ends[0](result);
    await simulated;
    expect(shown()).toBeUndefined();
    expect(shown(42)).toEqual({ fraction: 1, result });
    expect(noted).toMatchObject([{ kind: 'simulation', layer: 'fc', step: 42, result }]);
  });

  it('with an offset of the plane is a separate one', async () => {
    const { capacities, ends, offsets, noted, shown, asked } = simulator();
    const simulated = capacities.simulate('fc', { offset: true });
    await asked(1);
    expect(shown(40, true)).toEqual({ fraction: 0 });
    expect(shown(40, false)).toBeUndefined();
    ends[0](result);
    await simulated;
    expect(offsets).toEqual([true]);
    expect(noted).toMatchObject([{ offset: true }]);
    expect(shown(42, true)).toEqual({ fraction: 1, result });
    expect(shown(42, false)).toBeUndefined();
  });

  it('ends with other settings, with a cancel and with the run, but not with a failed analysis', async () => {
    const { lab, geometry, capacities, noted, shown, asked } = simulator();
    const { settings } = geometry.getState();
    const ways = [
      () => geometry.setState({ settings: { ...settings, samples: 7 } }),
      () => geometry.setState({ active: false }),
      () => lab.setState({ run: 2 }),
    ];
    for (const [i, end] of ways.entries()) {
      geometry.setState({ settings, active: true, problem: undefined });
      const simulated = capacities.simulate('fc');
      await asked(i + 1);
      geometry.setState({ active: false, problem: 'relu at step 40: out of memory' });
      expect(shown()).toEqual({ fraction: 0 });
      geometry.setState({ active: true, problem: undefined });
      end();
      await simulated;
      geometry.setState({ settings });
      expect(shown()).toBeUndefined();
    }
    expect(noted).toEqual([]);
  });

  it('that is requested again is the later one', async () => {
    const { capacities, ends, noted, shown, asked } = simulator();
    const first = capacities.simulate('fc');
    await asked(1);
    const second = capacities.simulate('fc');
    await first;
    expect(shown()).toEqual({ fraction: 0 });
    await asked(2);
    ends[1](result);
    await second;
    expect(noted).toHaveLength(1);
  });

  it('is restored with its run, for its original settings', () => {
    const { geometry, capacities, shown } = simulator();
    const { layers } = geometry.getState().settings;
    capacities.restore([simulation]);
    expect(shown()).toBeUndefined();
    geometry.setState({ settings: { ...simulation.settings, layers } });
    expect(shown(40, false)).toBeUndefined();
    expect(shown(40, true)).toEqual({ fraction: 1, result });
  });
});
