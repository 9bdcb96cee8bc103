import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Workers } from '../../workers/client.ts';
import { eachData } from '../ask/eachData.ts';
import { createFollow } from '../ask/follow.ts';
import { dataSetImage } from '../images/dataSetImage.ts';
import type { LabImage } from '../images/labImage.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import { type AttackQuestion, createAttackQuestion } from './attackQuestion.ts';
import { type AttackControls, type AttacksState, type ShownAttack, settingsOf } from './attackState.ts';
import { createRobustnessCurve, type RobustnessCurve } from './robustnessCurve.ts';
import type { RobustnessFinding } from './robustnessFinding.ts';

/** Attacks for scripts and for the panel. Panel actions store problems in the state. */
export interface Attacks {
  store: StoreApi<AttacksState>;
  attack: AttackQuestion;
  open(image: LabImage): void;
  report(problem: string): void;
  change(changes: Partial<AttackControls>): void;
  /** Keeps the attack current until the returned function is called. */
  watch(): () => void;
  curve: RobustnessCurve;
}

interface Parts {
  labStore: StoreApi<LabState>;
  workers: Pick<Workers, 'inspector' | 'longJobs'>;
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
  /** Receives each new curve, and the curves that are no longer shown. */
  note(finding: RobustnessFinding): void;
  forget(findings: readonly RobustnessFinding[]): void;
}

const LIVE_PACE = 250;
const FIRST_CONTROLS: AttackControls = {
  method: 'fgsm',
  norm: 'linf',
  epsilon: { linf: 0.1, l2: 1.5 },
  steps: 40,
  stepSize: 0.01,
  randomStart: false,
  target: 'any',
  count: 500,
};

export function createAttacks({ labStore, workers, momentAt, note, forget }: Parts): Attacks {
  const { inspector, longJobs } = workers;
  const store = createStore<AttacksState>(() => ({ controls: FIRST_CONTROLS, curves: [] }));
  const { getState, setState } = store;

  const { want, watch } = createFollow({
    labStore,
    livePace: LIVE_PACE,
    async ask() {
      const { image, controls } = getState();
      const { run, moment } = labStore.getState();
      if (!image) return;
      const shown = await attackOne(inspector, { image, controls }, await momentAt(moment));
      if (labStore.getState().run === run) setState({ shown, problem: undefined });
    },
    failed: (error) => setState({ problem: sentenceOf(error) }),
  });

  eachData(labStore, (data, isOther) => {
    const first = dataSetImage(data, 'test', 0);
    setState(({ image, controls }) => {
      if (!isOther) return { image: image ?? first };
      const { target } = controls;
      // The new data may lack the target class.
      const isKnown = target === 'any' || target < data.classNames.length;
      const kept: AttackControls = isKnown ? controls : { ...controls, target: 'any' };
      return { image: first, shown: undefined, problem: undefined, controls: kept };
    });
    want();
  });

  return {
    store,
    attack: createAttackQuestion({ longJobs, getState: labStore.getState, momentAt }),
    open(image) {
      setState({ image, problem: undefined });
      want();
    },
    report: (problem) => setState({ problem }),
    change(changes) {
      setState(({ controls }) => ({ controls: { ...controls, ...changes } }));
      want();
    },
    watch,
    curve: createRobustnessCurve({ labStore, store, longJobs, momentAt, note, forget }),
  };
}

/** Attacks an image, and reads the network's answers before and after. */
async function attackOne(
  inspector: Workers['inspector'],
  { image, controls }: { image: LabImage; controls: AttackControls },
  { step, ...moment }: LabMoment,
): Promise<ShownAttack> {
  const read = await inspector.call('inspect', { moment, images: image.pixels });
  const truth = image.label ?? read.predictions[0];
  const { epsilon: epsilons, norm, target } = controls;
  const epsilon = epsilons[norm];
  const result = await inspector.call('attack', {
    moment,
    images: image.pixels,
    labels: Uint8Array.of(truth),
    settings: { ...settingsOf(controls), epsilon },
  });
  const after = await inspector.call('inspect', { moment, images: result.images });
  return {
    step,
    image,
    truth,
    epsilon,
    norm,
    ...(target !== 'any' && { target }),
    attacked: result.images,
    predictions: {
      before: result.predictionsBefore[0],
      after: result.predictions[0],
      as8Bit: result.predictionsAs8Bit[0],
    },
    before: read.probabilities,
    after: after.probabilities,
  };
}
