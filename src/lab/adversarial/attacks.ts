import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AttackResult, AttackSettings } from '../../ml/adversarial/attack.ts';
import type { Workers } from '../../workers/client.ts';
import { checkSplit, selectIndices } from '../ask/selection.ts';
import { dataSetImage, type LabImage, type Split } from '../images/images.ts';
import { checkEpsilon } from '../state/attackSettings.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import type { RobustnessFinding } from './robustnessFinding.ts';

interface Watched {
  signal?: AbortSignal;
  /** Hears of the images attacked so far. */
  onProgress?(progress: { done: number; count: number }): void;
}

/** What is attacked: images of the data set, or pixels with their labels. */
export type Victims =
  | {
      split?: Split;
      /** Default: the whole split. */
      indices?: ArrayLike<number>;
      images?: undefined;
    }
  | { /** [n, pixels] */ images: Float32Array; labels: Uint8Array };

export type AttackOptions = AttackSettings & Watched & { at?: Moment | 'best' };

export interface AttackAnswer extends AttackResult {
  step: number;
}

export interface AttackControls {
  method: 'fgsm' | 'pgd';
  norm: 'linf' | 'l2';
  /** One for each norm, whose scales differ. */
  epsilon: { linf: number; l2: number };
  steps: number;
  /** Of L-infinity; L2 takes 2.5 epsilon / steps. */
  stepSize: number;
  randomStart: boolean;
  /** The class to reach; `any` other than the true one will do. */
  target: number | 'any';
  /** Test images of the robustness curve. */
  count: number;
}

/** One image's attack, as the panel shows it. */
export interface ShownAttack {
  step: number;
  image: LabImage;
  /** What the attack takes for true: the label, or what the network read where none is known. */
  truth: number;
  epsilon: number;
  norm: 'linf' | 'l2';
  target?: number;
  attacked: Float32Array;
  predictions: { before: number; after: number; as8Bit: number };
  /** [classes] */
  before: Float32Array;
  after: Float32Array;
}

export interface RobustnessRun extends RobustnessFinding {
  /** Counts up over the curves drawn. */
  id: number;
}

export interface AttacksState {
  controls: AttackControls;
  image?: LabImage;
  shown?: ShownAttack;
  problem?: string;
  /** Curves of this run, the newest last. */
  curves: readonly RobustnessRun[];
  /** How far the curve under way is. */
  curveProgress?: { done: number; count: number };
  curveProblem?: string;
}

/** Attacks as scripts ask for them and as the panel shows them. Panel actions leave problems in the state. */
export interface Attacks {
  store: StoreApi<AttacksState>;
  attack(victims: Victims, options: AttackOptions): Promise<AttackAnswer>;
  open(image: LabImage): void;
  report(problem: string): void;
  change(changes: Partial<AttackControls>): void;
  /** Keeps the attack up to date until the returned function is called. */
  watch(): () => void;
  startCurve(): Promise<void>;
  cancelCurve(): void;
  clearCurves(): void;
  /** Takes back the curves of the run that has just begun. */
  restore(findings: readonly RobustnessFinding[]): void;
}

interface Parts {
  lab: StoreApi<LabState>;
  workers: Pick<Workers, 'inspector' | 'studio'>;
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
  /** Hears of each curve that is drawn, and of those that are no more. */
  note(finding: RobustnessFinding): void;
  forget(findings: readonly RobustnessFinding[]): void;
}

export const CURVE_EPSILONS = {
  linf: [0, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3],
  l2: [0, 0.5, 1, 1.5, 2, 3, 4],
} as const;

/** While training runs by itself, an attack this often (ms) is enough. */
const LIVE_PACE = 250;
const MOST_CURVES = 6;

export function createAttacks({ lab, workers, momentAt, note, forget }: Parts): Attacks {
  const { inspector, studio } = workers;
  const store = createStore<AttacksState>(() => ({
    controls: {
      method: 'fgsm',
      norm: 'linf',
      epsilon: { linf: 0.1, l2: 1.5 },
      steps: 40,
      stepSize: 0.01,
      randomStart: false,
      target: 'any',
      count: 500,
    },
    curves: [],
  }));
  const { getState, setState } = store;
  let watchers = 0;
  let underway = false;
  let wanted = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;
  let drawn = 0;
  let curve: AbortController | undefined;
  let stop = () => {};

  const stopWaiting = lab.subscribe(({ data }) => {
    if (!data) return;
    stopWaiting();
    setState(({ image }) => ({ image: image ?? dataSetImage(data, 'test', 0) }));
    want();
  });

  // Whether or not somebody watches: the curves are this run's.
  lab.subscribe(({ run }, before) => {
    if (run === before.run) return;
    curve?.abort();
    setState({ curves: [], curveProgress: undefined, curveProblem: undefined });
  });

  function want(wait = 0): void {
    wanted = true;
    clearTimeout(timer);
    timer = wait > 0 ? setTimeout(() => void ask(), wait) : undefined;
    if (wait === 0) void ask();
  }

  /** At most one question is under way, and the next one is about the newest state. */
  async function ask(): Promise<void> {
    const { image, controls } = getState();
    const { run, status, moment: at } = lab.getState();
    if (underway || !wanted || watchers === 0 || !image || status === 'starting') return;
    underway = true;
    wanted = false;
    last = performance.now();
    try {
      const shown = await attackOne(image, controls, at);
      if (lab.getState().run === run) setState({ shown, problem: undefined });
    } catch (error) {
      setState({ problem: sentenceOf(error) });
    } finally {
      underway = false;
      void ask();
    }
  }

  async function attackOne(image: LabImage, controls: AttackControls, at: Moment): Promise<ShownAttack> {
    const { step, ...moment } = await momentAt(at);
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

  return {
    store,
    async attack(victims, { at = 'live', signal, onProgress, ...settings }) {
      checkAttack(settings);
      const chosen = chooseVictims(lab.getState(), victims);
      const { step, ...moment } = await momentAt(at);
      const result = await studio.call('attack', { moment, ...chosen, settings }, { signal, onProgress });
      return { ...result, step };
    },
    open(image) {
      setState({ image, problem: undefined });
      want();
    },
    report: (problem) => setState({ problem }),
    change(changes) {
      setState(({ controls }) => ({ controls: { ...controls, ...changes } }));
      want();
    },
    watch() {
      if (watchers++ === 0) {
        stop = lab.subscribe((now, before) => {
          const restarted = now.run !== before.run;
          if (now.moment !== before.moment || now.status !== before.status || restarted) want();
          else if (now.moment === 'live' && now.step !== before.step) {
            want(Math.max(1, last + LIVE_PACE - performance.now()));
          }
        });
        want();
      }
      return () => {
        if (--watchers > 0) return;
        stop();
        clearTimeout(timer);
      };
    },
    async startCurve() {
      curve?.abort();
      const own = new AbortController();
      curve = own;
      const { controls } = getState();
      const { method, norm, count } = controls;
      setState({ curveProgress: { done: 0, count: 1 }, curveProblem: undefined });
      try {
        const indices = Int32Array.from({ length: count }, (_, i) => i);
        const chosen = chooseVictims(lab.getState(), { split: 'test', indices });
        const { step, ...moment } = await momentAt(lab.getState().moment);
        const settings = { ...settingsOf(controls), epsilons: CURVE_EPSILONS[norm] };
        const points = await studio.call(
          'robustness',
          { moment, ...chosen, settings },
          {
            signal: own.signal,
            onProgress: ({ done, count }) => {
              if (curve === own) setState({ curveProgress: { done, count } });
            },
          },
        );
        if (curve === own && !own.signal.aborted) {
          const found: RobustnessFinding = {
            kind: 'robustness',
            step,
            drawn: Date.now(),
            method,
            norm,
            count,
            points,
          };
          const curves = [...getState().curves, { ...found, id: drawn++ }];
          setState({ curves: curves.slice(-MOST_CURVES) });
          forget(curves.slice(0, -MOST_CURVES));
          note(found);
        }
      } catch (error) {
        if (curve === own && !own.signal.aborted) setState({ curveProblem: sentenceOf(error) });
      } finally {
        if (curve === own) setState({ curveProgress: undefined });
      }
    },
    cancelCurve: () => {
      curve?.abort();
      setState({ curveProgress: undefined });
    },
    clearCurves() {
      forget(getState().curves);
      setState({ curves: [] });
    },
    restore: (findings) =>
      setState({ curves: findings.slice(-MOST_CURVES).map((found) => ({ ...found, id: drawn++ })) }),
  };
}

/** The attack that the controls describe, but for its epsilon. */
export function settingsOf(controls: AttackControls): Omit<AttackSettings, 'epsilon'> {
  const { method, norm, steps, stepSize, randomStart, target } = controls;
  return {
    method,
    norm,
    randomStart,
    ...(method === 'pgd' && { steps, ...(norm === 'linf' && { stepSize }) }),
    ...(target !== 'any' && { target }),
  };
}

/** @throws for a method or norm that is none, and for epsilon beyond what images can have. */
function checkAttack({ method, norm = 'linf', epsilon }: AttackSettings): void {
  if (method !== 'fgsm' && method !== 'pgd') {
    throw new Error(`attack: expected method "fgsm" or "pgd", found "${String(method)}"`);
  }
  if (norm !== 'linf' && norm !== 'l2') {
    throw new Error(`attack: expected norm "linf" or "l2", found "${String(norm)}"`);
  }
  checkEpsilon(epsilon, norm);
}

function chooseVictims({ data }: LabState, victims: Victims) {
  if (victims.images) return { images: victims.images, labels: victims.labels };
  const split = checkSplit(victims.split ?? 'test', 'attack');
  if (!data) throw new Error('attack: expected the data set first; await lab.ready');
  const { images, labels } = victims.indices
    ? selectIndices(data, split, victims.indices, 'attack')
    : data[split];
  return { images, labels };
}
