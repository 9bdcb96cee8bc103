import type { StoreApi } from 'zustand/vanilla';
import type { Workers } from '../../workers/client.ts';
import { createLatest } from '../ask/latest.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import { chooseVictims } from './attackQuestion.ts';
import { type AttacksState, attackedCount, settingsOf } from './attackState.ts';
import type { RobustnessFinding } from './robustnessFinding.ts';

/** Accuracy against epsilon, drawn on request. */
export interface RobustnessCurve {
  start(): Promise<void>;
  cancel(): void;
  clear(): void;
  /** Shows the curves saved with the run that has just begun. */
  restore(findings: readonly RobustnessFinding[]): void;
}

interface Parts {
  labStore: StoreApi<LabState>;
  store: StoreApi<AttacksState>;
  longJobs: Workers['longJobs'];
  momentAt(at: Moment): Promise<LabMoment>;
  /** Receives each new curve, and the curves that are no longer shown. */
  note(finding: RobustnessFinding): void;
  forget(findings: readonly RobustnessFinding[]): void;
}

export const CURVE_EPSILONS = {
  linf: [0, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3],
  l2: [0, 0.5, 1, 1.5, 2, 3, 4],
} as const;

const MOST_CURVES = 6;

export function createRobustnessCurve({
  labStore,
  store,
  longJobs,
  momentAt,
  note,
  forget,
}: Parts): RobustnessCurve {
  const { getState, setState } = store;
  let drawn = 0;
  const request = createLatest({
    failed: (error) => setState({ curveProblem: sentenceOf(error) }),
    ended: () => setState({ curveProgress: undefined }),
  });

  // Curves belong to their run, so clear them even while nobody watches.
  labStore.subscribe(({ run }, before) => {
    if (run === before.run) return;
    request.cancel();
    setState({ curves: [], curveProblem: undefined });
  });

  function add(found: RobustnessFinding): void {
    const curves = [...getState().curves, { ...found, id: drawn++ }];
    setState({ curves: curves.slice(-MOST_CURVES) });
    forget(curves.slice(0, -MOST_CURVES));
    note(found);
  }

  return {
    async start() {
      const { controls } = getState();
      const { norm } = controls;
      const count = attackedCount(controls, labStore.getState());
      setState({ curveProgress: { done: 0, count: 1 }, curveProblem: undefined });
      await request.run(async (signal) => {
        const indices = Int32Array.from({ length: count }, (_, i) => i);
        const chosen = chooseVictims(labStore.getState(), { split: 'test', indices });
        const { step, ...moment } = await momentAt(labStore.getState().moment);
        const manner = settingsOf(controls);
        const settings = { ...manner, epsilons: CURVE_EPSILONS[norm] };
        const onProgress = ({ done, count }: { done: number; count: number }) => {
          if (!signal.aborted) setState({ curveProgress: { done, count } });
        };
        const job = { moment, ...chosen, settings };
        const points = await longJobs.call('robustness', job, { signal, onProgress });
        signal.throwIfAborted();
        add({ kind: 'robustness', step, drawn: Date.now(), ...manner, count, points });
      });
    },
    cancel: request.cancel,
    clear() {
      forget(getState().curves);
      setState({ curves: [] });
    },
    restore: (findings) =>
      setState({ curves: findings.slice(-MOST_CURVES).map((found) => ({ ...found, id: drawn++ })) }),
  };
}
