import { CallError } from '../../ml/callError.ts';
import { shapeOfData } from '../../ml/data/dataset.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import { keptRunInfo } from '../keep/runInfo.ts';
import type { Lab } from '../lab.ts';
import { batchAttackOf } from '../state/adversarialTraining.ts';
import { bestEpoch } from '../state/history.ts';
import { networkSettings, optimizerChoice } from '../state/networkChoice.ts';
import type { Moment } from '../state/state.ts';
import { given } from './given.ts';
import type { LabApi, ResetOptions, TrainOptions } from './labApi.ts';

/** The calls that change the run. */
export function trainingCalls(
  lab: Lab,
): Pick<
  LabApi,
  | 'reset'
  | 'loadParameters'
  | 'train'
  | 'pause'
  | 'resume'
  | 'stop'
  | 'step'
  | 'set'
  | 'loseDevice'
  | 'killWorker'
  | 'runs'
  | 'open'
  | 'seek'
  | 'replay'
> {
  const { workers } = lab;
  return {
    reset: (options) => reset(lab, options),
    async loadParameters(source) {
      await lab.loadParameters(...(await readParameters(lab, source)));
    },
    train: (options) => train(lab, options),
    pause: () => workers.trainer.call('pause', undefined),
    resume: () => workers.trainer.call('resume', undefined),
    stop: () => workers.trainer.call('stop', undefined),
    loseDevice: () => workers.trainer.call('loseDevice', undefined),
    killWorker: () => workers.trainer.kill(),
    runs: async () => (await lab.keep.refresh()).map(keptRunInfo),
    open: (run) => lab.openKept(typeof run === 'string' ? run : run.id),
    async step(count = 1) {
      await lab.ready;
      await lab.makeSteps(count);
    },
    async set({ learningRate, batchSize, attack, speed, workers }) {
      await lab.ready;
      if (workers !== undefined) await lab.setWorkers(workers);
      await lab.apply(
        given({
          learningRate: learningRate === undefined ? undefined : String(learningRate),
          batchSize,
          attack: attack && batchAttackOf(attack, lab.store.getState().network.input),
          speed,
        }),
      );
    },
    seek: (moment) => seek(lab, moment),
    replay: (step, { signal } = {}) => lab.replay(step, signal),
  };
}

async function reset(
  lab: Lab,
  { seed, data, network, optimizer, engine, workers }: ResetOptions = {},
): Promise<void> {
  await lab.ready;
  if (workers !== undefined) await lab.setWorkers(workers);
  const now = lab.store.getState();
  // The network for other data is checked once they are loaded.
  const shape = data === undefined || data === now.data?.id ? shapeOfData(now.data) : undefined;
  await lab.restart({
    ...given({ seed, data, engine, optimizer: optimizer && optimizerChoice(optimizer) }),
    ...(network === undefined ? {} : given(networkSettings(network, shape))),
  });
}

/** @throws if the moment is not one of the run's. */
function seek({ store, actions }: Lab, moment: Moment | 'best'): Moment {
  const isStep = typeof moment === 'number' && Number.isFinite(moment) && moment >= 0;
  if (moment !== 'best' && moment !== 'live' && !isStep) {
    throw new CallError(
      'seek',
      `expected a step (a number of at least 0), 'best' or 'live', found ${typeof moment === 'string' ? JSON.stringify(moment) : String(moment)}`,
    );
  }
  if (moment === 'best' && !bestEpoch(store.getState().history)) {
    throw new CallError(
      'seek',
      "expected a finished epoch for 'best', found none yet. Train an epoch first.",
    );
  }
  actions.seek(moment);
  return store.getState().moment;
}

async function train(
  lab: Lab,
  {
    engine,
    epochs,
    seed,
    batchSize,
    learningRate,
    attack,
    order,
    maxSteps,
    signal,
    onProgress,
  }: TrainOptions = {},
): ReturnType<LabApi['train']> {
  const { store } = lab;
  await lab.ready;
  const changes = given({
    engine,
    batchSize,
    learningRate: learningRate === undefined ? undefined : String(learningRate),
    attack: attack && batchAttackOf(attack, store.getState().network.input),
  });
  if (seed === undefined) await lab.apply(changes);
  else await lab.restart({ ...changes, seed });
  const whole = order || maxSteps === undefined ? undefined : Number.MAX_SAFE_INTEGER;
  const request = {
    epochs: epochs ?? whole ?? (order ? 1 : store.getState().settings.epochs),
    maxSteps,
    order: order && Int32Array.from(order),
  };
  const unsubscribe = onProgress
    ? store.subscribe(({ step, epoch, history }, before) => {
        if (step !== before.step) onProgress({ step, epoch, loss: history.losses[history.length - 1] });
      })
    : () => undefined;
  try {
    const { epochs: results, ...outcome } = await lab.runTraining(request, signal);
    return { engine: store.getState().engine?.id ?? 'tfjs-cpu', ...outcome, epochs: results };
  } finally {
    unsubscribe();
  }
}

async function readParameters(
  { store, workers }: Lab,
  source: Parameters | ArrayBuffer | Uint8Array<ArrayBuffer>,
): Promise<[Parameters, string]> {
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) {
    const question = { file: new Blob([source]), like: store.getState().network, freeSizes: false };
    const { parameters, format } = await workers.withArchive((archive) =>
      archive.call('openParameters', question),
    );
    return [parameters, format];
  }
  return [
    Object.fromEntries(Object.entries(source).map(([name, values]) => [name, Float32Array.from(values)])),
    'record',
  ];
}
