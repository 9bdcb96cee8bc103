import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { selectPerClass } from '../../../../src/lab/ask/selection.ts';
import { type GeometryFinding, resultAt } from '../../../../src/lab/geometry/geometryFinding.ts';
import { createGeometryFollow } from '../../../../src/lab/geometry/geometryFollow.ts';
import { createGeometryPool, geometryPoolSize } from '../../../../src/lab/geometry/geometryPool.ts';
import { redrawsFor, selectForGeometry } from '../../../../src/lab/geometry/geometrySelection.ts';
import { checkGeometry } from '../../../../src/lab/geometry/geometrySettings.ts';
import { farthestFromDone } from '../../../../src/lab/geometry/schedule.ts';
import { firstState } from '../../../../src/lab/state/firstState.ts';
import { defaultSettings } from '../../../../src/lab/state/settings.ts';
import type { LabState } from '../../../../src/lab/state/state.ts';
import type { DataSet } from '../../../../src/ml/data/dataset.ts';
import type { Resample } from '../../../../src/ml/geometry/index.ts';
import { presetNetwork } from '../../../../src/ml/model/presets.ts';
import type { GeometryCalls, LayerGeometry } from '../../../../src/workers/geometryProtocol.ts';
import type { Client } from '../../../../src/workers/rpc.ts';

function dataOf(perClass: number): DataSet {
  const count = 3 * perClass;
  const split = {
    images: new Uint8Array(count * 784),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 3),
    count,
    channels: 1,
    width: 28,
    height: 28,
  };
  return { id: 'three', name: 'three', sha256: '', classNames: ['a', 'b', 'c'], train: split, test: split };
}

function stateWith(steps: number[]): LabState {
  return {
    ...firstState(defaultSettings()),
    status: 'idle',
    run: 1,
    data: dataOf(60),
    step: steps.at(-1) ?? 0,
    snapshots: steps.map((step) => ({ step, epoch: 0, best: false, epochEnd: false })),
  };
}

function answerOf(layer: string): LayerGeometry {
  return {
    layer,
    labels: [0, 1, 2],
    capacity: 0.3,
    radius: 1,
    radiusMedian: 1,
    dimension: 5,
    centerCorrelation: 0.2,
    rank: 1,
    perManifold: [],
    standardErrors: { capacity: 0, radius: 0, radiusMedian: 0, dimension: 0 },
    warmStart: [],
  };
}

const figures = { capacity: 0.3, radius: 1, radiusMedian: 1, dimension: 5, centerCorrelation: 0.2 };
const resamples: Resample[] = [0.1, 0.3].map((capacity) => {
  const own = { ...figures, capacity };
  return { figures: own, halves: [own, own] };
});

/** A lab whose geometry takes 100 ms per layer, and the order of its questions. */
function follower(steps: number[], { errors = false } = {}) {
  const lab = createStore<LabState>(() => stateWith(steps));
  const asked: string[] = [];
  const images: Uint8Array[] = [];
  const noted: GeometryFinding[] = [];
  const forgotten: GeometryFinding[] = [];
  const analyze: Client<GeometryCalls, never>['call'] = (kind, parameters, { signal, onProgress } = {}) => {
    if (!('job' in parameters)) throw new Error('expected a job');
    const { job } = parameters;
    const isErrors = kind === 'resample';
    if (!('moment' in job)) throw new Error('expected a job about a network');
    asked.push(`${isErrors ? 'errors of ' : ''}${job.layer}@${job.moment.key}`);
    images.push(job.images);
    return new Promise((resolve, reject) => {
      const answer = isErrors ? resamples : answerOf(job.layer);
      const timer = setTimeout(() => resolve(answer as never), 100);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        // A worker's last progress may arrive after the abort.
        queueMicrotask(() => onProgress?.({ fraction: 0.5 }));
        reject(signal.reason);
      });
    });
  };
  const client = { call: analyze, onEvent: () => () => {}, setShare: () => {}, close: () => {} };
  const pool = createGeometryPool(() => client, 1);
  const geometry = createGeometryFollow({
    labStore: lab,
    pool,
    momentAt: async (at) => {
      const step = at === 'live' ? lab.getState().step : at;
      return { key: String(step), network: lab.getState().network, parameters: {}, step };
    },
    note: (finding) => noted.push(finding),
    forget: (findings) => forgotten.push(...findings),
  });
  geometry.set({ resamples: errors ? 2 : 0 });
  return { lab, geometry, asked, images, noted, forgotten };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the order of the curves', () => {
  it('is the ends, then the middle of the largest gap', () => {
    const done = new Set<number>();
    const order: number[] = [];
    for (;;) {
      const next = farthestFromDone([0, 1, 2, 4, 8, 16, 32], (step) => done.has(step));
      if (next === undefined) break;
      done.add(next);
      order.push(next);
    }
    expect(order.slice(0, 3)).toEqual([0, 32, 4]);
    expect(order).toHaveLength(7);
  });
});

describe('the choice of examples', () => {
  it('is the same for the same seed, differs between seeds, and has every class', () => {
    const data = dataOf(60);
    const choose = (seed: number) =>
      selectPerClass(data, 'train', { draw: 'seeded', examplesPerClass: 20, seed }, 'geometry');
    expect(choose(1).indices).toEqual(choose(1).indices);
    expect(choose(1).indices).not.toEqual(choose(2).indices);
    expect([...choose(1).labels].filter((label) => label === 2)).toHaveLength(20);
    expect(() =>
      selectPerClass(data, 'train', { draw: 'notebook', examplesPerClass: 61, seed: 0 }, 'geometry'),
    ).toThrow(/expected 61 examples of every class, found 60 of [abc] in the train set/);
  });

  it('rejects invalid settings by name', () => {
    const { network } = stateWith([0]);
    for (const [options, message] of [
      [{ layers: ['pool'] }, /layer among/],
      [{ layers: [] }, /at least one layer/],
      [{ kappa: Number.POSITIVE_INFINITY }, /finite kappa/],
      [{ samples: 1.5 }, /samples/],
      [{ seed: -1 }, /seed/],
      [{ draw: 'random' as 'seeded' }, /draw among notebook, seeded, found "random"/],
      [{ rule: 'best' as 'reference' }, /rule among lowestCost, reference/],
      [{ restarts: 0 }, /restarts from 1/],
      [{ examplesPerClass: 3, resamples: 10 }, /examples per class from 4/],
    ] as const) {
      expect(() => checkGeometry({ network }, options)).toThrow(message);
    }
  });
});

describe('the redraws for errors', () => {
  const state = (perClass: number) => ({ ...stateWith([0]), data: dataOf(perClass) });
  const drawn = (perClass: number, options: Parameters<typeof checkGeometry>[1]) => {
    const lab = state(perClass);
    const settings = checkGeometry(lab, { examplesPerClass: 10, ...options });
    const selection = selectForGeometry(lab, settings);
    return { selection, redraws: redrawsFor(lab, settings, selection) };
  };

  it('are other images of each class, in the first draw’s order of classes', () => {
    const { selection, redraws } = drawn(60, {});
    expect(redraws.kind).toBe('redraws');
    expect(redraws.draws).toHaveLength(10);
    expect(new Set(redraws.draws.map(({ seed }) => seed)).size).toBe(10);
    for (const { drawn: own } of redraws.draws) expect(own?.labels).toEqual(selection.labels);
    expect(drawn(60, {}).redraws).toEqual(redraws);
    expect(drawn(60, { seed: 1 }).redraws).not.toEqual(redraws);
  });

  it('are halves if the population of the images is unknown or too small', () => {
    const given = drawn(60, { indices: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] });
    expect(given.redraws.kind).toBe('halves');
    expect(given.redraws.draws.every(({ drawn: own }) => own === undefined)).toBe(true);
    expect([...given.selection.indices]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(drawn(19, {}).redraws.kind).toBe('halves');
    expect(drawn(20, {}).redraws.kind).toBe('redraws');
  });
});

describe('following', () => {
  it('analyzes the shown moment first, then every snapshot, and the input once', async () => {
    const { geometry, asked } = follower([0, 1, 2, 4]);
    const stop = geometry.watch();
    await vi.advanceTimersByTimeAsync(3000);
    expect(asked.slice(0, 4)).toEqual(['input@4', 'conv@4', 'relu@4', 'fc@4']);
    expect(asked).toHaveLength(1 + 3 * 4);
    expect(new Set(asked).size).toBe(asked.length);
    expect(geometry.store.getState()).toMatchObject({ left: 0, running: [] });
    stop();
  });

  it('computes figures first, then their errors, and no errors during training', async () => {
    const { lab, geometry, asked, noted } = follower([0, 1, 4], { errors: true });
    geometry.set({ layers: ['fc'] });
    lab.setState({ status: 'training' });
    const stop = geometry.watch();
    await vi.advanceTimersByTimeAsync(3000);
    expect(asked).toEqual(['fc@4', 'fc@0', 'fc@1']);
    expect(geometry.store.getState().left).toBe(3);
    lab.setState({ status: 'idle' });
    await vi.advanceTimersByTimeAsync(3000);
    expect(asked.slice(3)).toEqual(['errors of fc@4', 'errors of fc@0', 'errors of fc@1']);
    expect(geometry.store.getState().left).toBe(0);
    const result = resultAt(geometry.store.getState().results, 'fc', 4);
    expect(result?.exampleErrors?.capacity).toBeCloseTo(Math.sqrt(0.02), 12);
    expect(result?.resampled).toMatchObject({ kind: 'halves', samples: 300, resamples });
    expect(noted.at(-1)?.result.exampleErrors).toBeDefined();
    stop();
  });

  it('frees the core when training begins, and recomputes the errors when training pauses', async () => {
    const { lab, geometry, asked } = follower([0], { errors: true });
    geometry.set({ layers: ['fc'] });
    const stop = geometry.watch();
    await vi.advanceTimersByTimeAsync(150);
    expect(asked).toEqual(['fc@0', 'errors of fc@0']);
    lab.setState({ status: 'training' });
    await vi.advanceTimersByTimeAsync(1000);
    expect(resultAt(geometry.store.getState().results, 'fc', 0)?.exampleErrors).toBeUndefined();
    expect(geometry.store.getState()).toMatchObject({ running: [], left: 1, problem: undefined });
    lab.setState({ status: 'idle' });
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toEqual(['fc@0', 'errors of fc@0', 'errors of fc@0']);
    expect(resultAt(geometry.store.getState().results, 'fc', 0)?.exampleErrors).toBeDefined();
    stop();
  });

  it('waits for the end of a drag, then analyzes the moment before the rest of the curves', async () => {
    const { lab, geometry, asked } = follower([0, 1, 2, 4, 6, 8, 10, 13]);
    const stop = geometry.watch();
    await vi.advanceTimersByTimeAsync(450);
    lab.setState({ moment: 6 });
    await vi.advanceTimersByTimeAsync(240);
    expect(asked.some((one) => one.endsWith('@6'))).toBe(false);
    const before = asked.length;
    await vi.advanceTimersByTimeAsync(400);
    expect(asked.slice(before, before + 3)).toEqual(['conv@6', 'relu@6', 'fc@6']);
    expect(resultAt(geometry.store.getState().results, 'fc', 6)).toBeDefined();
    stop();
  });

  it('stops at a cancel and continues from there', async () => {
    const { geometry, asked } = follower([0, 1, 2, 4]);
    const stop = geometry.watch();
    await vi.advanceTimersByTimeAsync(250);
    geometry.cancel();
    const before = asked.length;
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toHaveLength(before);
    expect(geometry.store.getState()).toMatchObject({ active: false, running: [] });
    geometry.resume();
    await vi.advanceTimersByTimeAsync(3000);
    expect(geometry.store.getState().left).toBe(0);
    stop();
  });

  it('continues with the next run after a failure in the last run', async () => {
    const { lab, geometry } = follower([0, 1]);
    const stop = geometry.watch();
    lab.setState({ data: dataOf(3) });
    geometry.set({ seed: 1 });
    await vi.advanceTimersByTimeAsync(500);
    expect(geometry.store.getState().problem).toMatch(
      /Expected 4 examples of every class, found 3 .*add images of this class, or choose the test set\./,
    );
    expect(geometry.store.getState().active).toBe(false);
    lab.setState({ run: 2, data: dataOf(60) });
    await vi.advanceTimersByTimeAsync(2000);
    expect(geometry.store.getState()).toMatchObject({ active: true, problem: undefined, left: 0 });
    stop();
  });
});

describe('following other settings, other data and other runs', () => {
  it('keeps the results of earlier settings, and drops all with a new run', async () => {
    const { lab, geometry, asked } = follower([0, 1]);
    const stop = geometry.watch();
    await vi.advanceTimersByTimeAsync(2000);
    geometry.set({ kappa: 0.1 });
    await vi.advanceTimersByTimeAsync(2000);
    const before = asked.length;
    geometry.set({ kappa: 0 });
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toHaveLength(before);
    lab.setState({ run: 2 });
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked.length).toBeGreaterThan(before);
    expect(() => geometry.set({ kappa: Number.NaN })).toThrow(/finite kappa/);
    stop();
  });

  it('analyzes the images of the new data after a change of data', async () => {
    const { lab, geometry, images } = follower([0]);
    const stop = geometry.watch();
    await vi.advanceTimersByTimeAsync(1000);
    expect(images.at(-1)?.at(0)).toBe(0);
    const data = dataOf(60);
    data.train.images.fill(7);
    lab.setState({ run: 2, data });
    await vi.advanceTimersByTimeAsync(1000);
    expect(images).toHaveLength(8);
    for (const own of images.slice(4)) expect(own[0]).toBe(7);
    stop();
  });

  it('ends the work on a network in the middle of an analysis, and continues with the next network', async () => {
    const { lab, geometry, asked } = follower([0]);
    const stop = geometry.watch();
    // The input is analyzed; conv is in progress.
    await vi.advanceTimersByTimeAsync(150);
    expect(asked.at(-1)).toBe('conv@0');
    lab.setState({ network: presetNetwork('perceptron') });
    await vi.advanceTimersByTimeAsync(3000);
    expect(asked.slice(2).map((name) => name.replace('@0', ''))).toEqual(['input', 'relu1', 'relu2', 'fc3']);
    expect(geometry.store.getState()).toMatchObject({ left: 0, problem: undefined });
    stop();
  });

  it('forgets a run that ended while nobody watched', async () => {
    const { lab, geometry } = follower([0]);
    const stop = geometry.watch();
    await vi.advanceTimersByTimeAsync(1000);
    stop();
    expect(geometry.store.getState().results.size).toBe(4);
    lab.setState({ run: 2 });
    expect(geometry.store.getState().results.size).toBe(0);
  });

  it('does not recompute results saved with the run', async () => {
    const first = follower([0, 1, 2]);
    const stop = first.geometry.watch();
    await vi.advanceTimersByTimeAsync(2000);
    first.geometry.set({ kappa: 0.1 });
    await vi.advanceTimersByTimeAsync(2000);
    stop();
    expect(first.noted).toHaveLength(2 * (1 + 3 * 3));

    const second = follower([0, 1, 2, 4]);
    second.geometry.restore(first.noted);
    const { results, settings } = second.geometry.store.getState();
    expect(settings.kappa).toBe(0);
    expect([...(results.get('fc')?.keys() ?? [])].sort()).toEqual([0, 1, 2]);
    const stopSecond = second.geometry.watch();
    await vi.advanceTimersByTimeAsync(2000);
    expect(second.asked).toEqual(['conv@4', 'relu@4', 'fc@4']);
    second.geometry.set({ kappa: 0.1 });
    await vi.advanceTimersByTimeAsync(2000);
    expect(second.asked).toHaveLength(6);
    stopSecond();
  });

  it('adopts restored settings if its own have no figures, and drops the oldest of many', async () => {
    const { geometry, noted, forgotten } = follower([0]);
    const stop = geometry.watch();
    geometry.set({ layers: ['fc'] });
    for (let seed = 1; seed <= 9; seed++) {
      geometry.set({ seed });
      await vi.advanceTimersByTimeAsync(300);
    }
    stop();
    expect(forgotten.map(({ settings }) => settings.seed)).toEqual([1]);
    const other = follower([0]);
    other.geometry.restore(noted.slice(1, 3));
    const { settings, results } = other.geometry.store.getState();
    expect(settings).toMatchObject({ seed: 3, layers: ['input', 'conv', 'relu', 'fc'] });
    expect(resultAt(results, 'fc', 0)).toEqual(answerOf('fc'));
  });
});

it('leaves a core to training', () => {
  expect([1, 2, 4, 16].map(geometryPoolSize)).toEqual([1, 1, 3, 4]);
});
