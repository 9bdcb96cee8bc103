import { createStore, type StoreApi } from 'zustand/vanilla';
import type { RobustnessPoint } from '../../ml/adversarial/attack.ts';
import { CallError } from '../../ml/callError.ts';
import type { RobustnessJob } from '../../workers/protocol.ts';
import { createLatest } from '../ask/latest.ts';
import { selectIndices } from '../ask/selection.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import { type AttacksState, attackedCount, settingsOf } from './attackState.ts';
import { attackKey, type FollowedAttack, type OverTrainingFinding } from './robustnessFinding.ts';

/** The result at one snapshot, on the first `count` test images. */
interface MomentRobustness {
  step: number;
  /** Correct before the attack and after it, exactly and as 8-bit images. */
  correctBefore: number;
  correct: number;
  correctAs8Bit: number;
  count: number;
}

export interface OverTrainingState {
  /** The attack that `points` belong to. */
  asked?: FollowedAttack;
  /** In order of step. */
  points: readonly MomentRobustness[];
  progress?: { done: number; count: number };
  problem?: string;
}

/** The network's robustness at each snapshot of the run. */
export interface OverTraining {
  store: StoreApi<OverTrainingState>;
  /** Attacks every snapshot without a result, in coarse-to-fine order over the run. */
  start(): Promise<void>;
  cancel(): void;
  /** Restores the results saved with the run that has just begun. */
  restore(findings: readonly OverTrainingFinding[]): void;
}

interface Parts {
  labStore: StoreApi<LabState>;
  attacks: StoreApi<AttacksState>;
  attackMoment(job: RobustnessJob, options: { signal: AbortSignal }): Promise<RobustnessPoint[]>;
  momentAt(at: Moment): Promise<LabMoment>;
  /** Receives the result of each attacked snapshot. */
  note(finding: OverTrainingFinding): void;
}

export function createOverTraining({ labStore, attacks, attackMoment, momentAt, note }: Parts): OverTraining {
  const store = createStore<OverTrainingState>(() => ({ points: [] }));
  const { setState } = store;
  const known = createPoints(store);
  const request = createLatest({
    failed: (error) => setState({ problem: sentenceOf(error) }),
    ended: () => setState({ progress: undefined }),
  });

  labStore.subscribe(({ run }, before) => {
    if (run === before.run) return;
    request.cancel();
    known.clear();
    setState({ asked: undefined, points: [], problem: undefined });
  });

  return {
    store,
    async start() {
      const { attack, settings } = followedAttack(attacks.getState().controls, labStore.getState());
      const points = known.of(attack);
      setState({ asked: attack, problem: undefined });
      known.show(points);
      await request.run(async (signal) => {
        const { images, labels, steps } = chooseVictims(labStore.getState(), attack.count);
        const left = coarseFirst(steps).filter((step) => !points.has(step));
        for (const [done, step] of left.entries()) {
          signal.throwIfAborted();
          setState({ progress: { done, count: left.length } });
          // The snapshot may have been thinned out in the meantime.
          if (!labStore.getState().snapshots.some((snapshot) => snapshot.step === step)) continue;
          const { step: _, ...moment } = await momentAt(step);
          const [point] = await attackMoment({ moment, images, labels, settings }, { signal });
          signal.throwIfAborted();
          const { correctBefore, correct, correctAs8Bit } = point;
          points.set(step, { step, correctBefore, correct, correctAs8Bit, count: attack.count });
          known.show(points);
          note({ kind: 'overTraining', step, attack, correctBefore, correct, correctAs8Bit });
        }
      });
    },
    cancel: request.cancel,
    restore(findings) {
      for (const { attack, step, correctBefore, correct, correctAs8Bit } of findings) {
        known.of(attack).set(step, { step, correctBefore, correct, correctAs8Bit, count: attack.count });
      }
      const last = findings.at(-1);
      if (!last) return;
      setState({ asked: last.attack });
      known.show(known.of(last.attack));
    },
  };
}

/** Points of the present run by attack and step. */
function createPoints({ setState }: Pick<StoreApi<OverTrainingState>, 'setState'>) {
  const known = new Map<string, Map<number, MomentRobustness>>();
  return {
    of(attack: FollowedAttack): Map<number, MomentRobustness> {
      const key = attackKey(attack);
      const points = known.get(key) ?? new Map<number, MomentRobustness>();
      known.set(key, points);
      return points;
    },
    /** Shows an attack's points; the page shows those of the latest request. */
    show(points: ReadonlyMap<number, MomentRobustness>): void {
      setState({ points: [...points.values()].sort((a, b) => a.step - b.step) });
    },
    clear: () => known.clear(),
  };
}

/** The attack set by the controls, and its settings for the worker. */
function followedAttack(controls: AttacksState['controls'], state: LabState) {
  const { norm } = controls;
  const count = attackedCount(controls, state);
  const epsilon = controls.epsilon[norm];
  const chosen = settingsOf(controls);
  const attack: FollowedAttack = { ...chosen, epsilon, count };
  return { attack, settings: { ...chosen, epsilons: [epsilon] } };
}

/** The first `count` test images, and the steps of the run's snapshots. */
function chooseVictims({ data, snapshots }: LabState, count: number) {
  if (!data) throw new CallError('robustness', 'expected the data set first. Wait until it has arrived.');
  if (snapshots.length === 0) {
    throw new CallError('robustness', 'expected snapshots of a run, found none. Train the network first.');
  }
  const indices = Int32Array.from({ length: count }, (_, i) => i);
  const { images, labels } = selectIndices(data, 'test', indices, 'robustness');
  return { images, labels, steps: snapshots.map(({ step }) => step) };
}

/** Steps in coarse-to-fine order, ends first, so that the curve's shape appears early. */
export function coarseFirst(steps: readonly number[]): number[] {
  const last = steps.length - 1;
  const ordered = new Set([steps[0], steps[last]]);
  for (let stride = last / 2; stride > 0.5; stride /= 2) {
    for (let place = stride; place < last; place += stride) ordered.add(steps[Math.round(place)]);
  }
  for (const step of steps) ordered.add(step);
  return [...ordered];
}
