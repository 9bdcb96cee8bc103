import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { createComparedGeometry } from '../../../../src/lab/compare/comparedGeometry.ts';
import { createComparison } from '../../../../src/lab/compare/comparison.ts';
import { createGeometryPool } from '../../../../src/lab/geometry/geometryPool.ts';
import type { GeometryState } from '../../../../src/lab/geometry/geometryState.ts';
import { type Finding, savable } from '../../../../src/lab/keep/findings.ts';
import type { KeepState } from '../../../../src/lab/keep/keepState.ts';
import { nearestTo } from '../../../../src/ml/training/snapshots.ts';
import type { GeometryCalls } from '../../../../src/workers/geometryProtocol.ts';
import type { Client } from '../../../../src/workers/rpc.ts';
import type { RunOverview } from '../../../../src/workers/runStorage.ts';
import { keptRunExample } from '../../workers/keptRunExample.ts';
import { geometry, run } from '../keep/examples.ts';
import { labState } from '../labState.ts';

// Mean-field figures alone take one question of a worker.
const settings = {
  ...geometry.settings,
  ...({ estimator: 'meanField', ensemble: 'uniform', center: true } as const),
};
const finding = { ...geometry, settings };
const { result } = finding;
const { network } = run;
/** The compared run is at step 40, with figures of fc at steps 0 and 40. */
const kept: Finding[] = [
  { ...finding, step: 0 },
  finding,
  { ...finding, settings: { ...finding.settings, kappa: 9 } },
];

function setUp() {
  const keptRun = { ...keptRunExample, name: 'Six', network, step: 40 };
  const store = createStore<KeepState>(() => ({ runs: [] }));
  const saved: Finding[] = [];
  const comparison = createComparison({
    store,
    overview: async (id): Promise<RunOverview> => ({
      run: { ...keptRun, id },
      moments: [0, 16, 40].map((step) => ({ step })),
      results: kept.map((each, i) => savable(each).result(i)),
      losses: new Float32Array(40),
      accuracies: new Float32Array(40),
    }),
    parametersAt: async (_id, step) => ({ 'conv.bias': Float32Array.of(step) }),
    saveFindings: async (_id, findings) => void saved.push(...findings),
  });
  const blank = {
    count: 200,
    channels: 1,
    width: 28,
    height: 28,
    images: new Uint8Array(200 * 784),
    labels: Uint8Array.from({ length: 200 }, (_, i) => i % 2),
  };
  const lab = createStore(() =>
    labState({
      network,
      data: { id: 'blank', name: 'blank', sha256: '', classNames: ['0', '1'], train: blank, test: blank },
    }),
  );
  const panel = createStore<GeometryState>(() => ({
    settings: { ...finding.settings, layers: ['input', 'fc'] },
    ...{ active: true, curves: true, results: new Map(), step: 0, running: [], left: 0, secondsLeft: 0 },
  }));
  const asked: number[] = [];
  const analyze: Client<GeometryCalls, never>['call'] = (_kind, parameters, { signal } = {}) => {
    if (!('job' in parameters)) throw new Error('expected a job');
    const { job } = parameters;
    if (!('moment' in job)) throw new Error('expected a job about a network');
    asked.push(job.moment.parameters['conv.bias'][0]);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(result as never), 10);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });
  };
  const pool = createGeometryPool(
    () => ({ call: analyze, onEvent: () => () => {}, setShare: () => {}, close: () => {} }),
    1,
  );
  const theirs = createComparedGeometry({ labStore: lab, comparison, geometry: panel, pool });
  return { comparison, keep: store, theirs, panel, asked, saved };
}

describe('a compared run', () => {
  it('is read with its saved data, and the comparison ends when the run is opened or deleted', async () => {
    const { comparison, keep } = setUp();
    await comparison.choose('a');
    const shown = () => comparison.store.getState().compared;
    expect(shown()).toMatchObject({
      id: 'a',
      name: 'Six',
      step: 40,
      history: { length: 40 },
      findings: kept,
    });
    const runs = [{ ...keptRunExample, id: 'a', name: 'Mine' }];
    keep.setState({ runs });
    expect(shown()?.name).toBe('Mine');
    keep.setState({ present: 'a' });
    expect(shown()).toBeUndefined();
    keep.setState({ present: undefined });
    await comparison.choose('a');
    keep.setState({ runs: [] });
    expect(shown()).toBeUndefined();
    await comparison.choose('a');
    await comparison.choose(undefined);
    expect(shown()).toBeUndefined();
    await expect(comparison.networkNear(3)).rejects.toThrow(/Choose one in Runs/);
  });

  it('has a network at the snapshot nearest to a step', async () => {
    expect(nearestTo(28, [{ step: 0 }, { step: 16 }, { step: 40 }])?.step).toBe(16);
    expect(nearestTo(28, [])).toBeUndefined();
    const { comparison } = setUp();
    await comparison.choose('a');
    expect(await comparison.networkNear(100)).toEqual({
      key: 'kept a:40',
      network,
      parameters: { 'conv.bias': Float32Array.of(40) },
      step: 40,
    });
  });
});

describe('the geometry of a compared run', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('shows saved figures for the panel’s settings, and computes and saves missing figures once', async () => {
    const { comparison, theirs, panel, asked, saved } = setUp();
    await comparison.choose('a');
    const steps = () => [...(theirs.store.getState().results.get('fc')?.keys() ?? [])].sort((a, b) => a - b);
    expect(steps()).toEqual([0, 40]);
    expect(theirs.store.getState().left).toBe(1);
    const computed = theirs.compute();
    await vi.advanceTimersByTimeAsync(100);
    await computed;
    expect(asked).toEqual([16]);
    expect(saved).toMatchObject([{ kind: 'geometry', step: 16, settings: finding.settings }]);
    expect(steps()).toEqual([0, 16, 40]);
    expect(theirs.store.getState()).toMatchObject({ left: 0, progress: undefined, problem: undefined });

    panel.setState({ settings: { ...panel.getState().settings, kappa: 2 } });
    expect(theirs.store.getState()).toMatchObject({ results: new Map(), left: 3 });
    const canceled = theirs.compute();
    await vi.advanceTimersByTimeAsync(15);
    theirs.cancel();
    await vi.advanceTimersByTimeAsync(100);
    await canceled;
    expect(steps()).toEqual([0]);
    expect(theirs.store.getState()).toMatchObject({ left: 2, progress: undefined, problem: undefined });
    await comparison.choose(undefined);
    expect(theirs.store.getState()).toMatchObject({ results: new Map(), left: 0 });
  });
});
