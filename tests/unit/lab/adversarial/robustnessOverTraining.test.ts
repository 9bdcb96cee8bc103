import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { AttacksState } from '../../../../src/lab/adversarial/attackState.ts';
import type { OverTrainingFinding } from '../../../../src/lab/adversarial/robustnessFinding.ts';
import { coarseFirst, createOverTraining } from '../../../../src/lab/adversarial/robustnessOverTraining.ts';
import { notebookNetwork } from '../../../../src/ml/model/network.ts';
import { labState } from '../labState.ts';

it('begins with the ends, then the middle, and lists every step once', () => {
  expect(coarseFirst([0, 1, 2, 3, 4])).toEqual([0, 4, 2, 1, 3]);
  expect(coarseFirst([7])).toEqual([7]);
});

it('loses and repeats no step', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 200 }), (steps) => {
      expect(coarseFirst(steps).sort((a, b) => a - b)).toEqual([...steps].sort((a, b) => a - b));
    }),
  );
});

/** A lab with snapshots at some steps, whose network stays correct on `step` of ten images. */
function setUp(steps: number[]) {
  const split = {
    count: 10,
    channels: 1,
    width: 28,
    height: 28,
    images: new Uint8Array(7840),
    labels: new Uint8Array(10),
  };
  const snapshots = (of: number[]) => of.map((step) => ({ step, epoch: 0, best: false, epochEnd: false }));
  const lab = createStore(() =>
    labState({
      data: { id: 'blank', name: 'blank', sha256: '', classNames: [], train: split, test: split },
      snapshots: snapshots(steps),
    }),
  );
  const controls: AttacksState['controls'] = {
    method: 'pgd',
    norm: 'linf',
    epsilon: { linf: 0.1, l2: 1 },
    steps: 5,
    stepSize: 0.03,
    randomStart: false,
    target: 'any',
    count: 10,
  };
  const attacks = createStore<AttacksState>(() => ({ controls, curves: [] }));
  const asked: number[] = [];
  const noted: OverTrainingFinding[] = [];
  const over = createOverTraining({
    labStore: lab,
    attacks,
    momentAt: async (at) => ({
      key: String(at),
      network: notebookNetwork(),
      parameters: {},
      step: Number(at),
    }),
    async attackMoment({ moment, labels, settings }, { signal }) {
      signal.throwIfAborted();
      const step = Number(moment.key);
      asked.push(step);
      expect(labels).toHaveLength(10);
      return settings.epsilons.map((epsilon) => ({
        epsilon,
        correctBefore: 10,
        correct: step,
        correctAs8Bit: step,
        count: 10,
      }));
    },
    note: (finding) => noted.push(finding),
  });
  return { lab, attacks, over, asked, snapshots, noted };
}

const correctOf = ({ over }: ReturnType<typeof setUp>) =>
  over.store.getState().points.map(({ step, correct }) => [step, correct]);

test('every snapshot is attacked once; new snapshots are added, and another attack starts over', async () => {
  const it = setUp([0, 4, 8]);
  await it.over.start();
  expect(correctOf(it)).toEqual([0, 4, 8].map((step) => [step, step]));
  it.lab.setState({ snapshots: it.snapshots([0, 4, 8, 9]) });
  await it.over.start();
  expect(it.asked).toEqual([0, 8, 4, 9]);
  expect(it.over.store.getState().progress).toBeUndefined();
  const { controls } = it.attacks.getState();
  it.attacks.setState({ controls: { ...controls, epsilon: { linf: 0.2, l2: 1 } } });
  await it.over.start();
  expect(it.asked).toHaveLength(8);
  expect(it.over.store.getState().asked).toMatchObject({
    method: 'pgd',
    norm: 'linf',
    count: 10,
    epsilon: 0.2,
  });
});

test('a cancel keeps finished results, and a new run drops them', async () => {
  const it = setUp([0, 4, 8]);
  const stop = it.over.store.subscribe(({ points }) => {
    if (points.length < 2) return;
    stop();
    it.over.cancel();
  });
  await it.over.start();
  expect(correctOf(it)).toEqual([
    [0, 0],
    [8, 8],
  ]);
  expect(it.over.store.getState()).toMatchObject({ progress: undefined, problem: undefined });
  it.lab.setState({ run: 2 });
  expect(it.over.store.getState().points).toEqual([]);
});

test('results saved with the run are shown and not recomputed', async () => {
  const first = setUp([0, 4, 8]);
  await first.over.start();
  const second = setUp([0, 4, 8, 9]);
  second.over.restore(first.noted);
  expect(second.over.store.getState().asked).toMatchObject({ method: 'pgd', epsilon: 0.1, steps: 5 });
  expect(correctOf(second)).toEqual(correctOf(first));
  await second.over.start();
  expect(second.asked).toEqual([9]);
});

test('without snapshots, the problem says what to do', async () => {
  const it = setUp([]);
  await it.over.start();
  expect(it.over.store.getState().problem).toMatch(/Train the network first/);
});
