import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { Compared } from '../../../../src/lab/compare/comparison.ts';
import { createSecondNetwork } from '../../../../src/lab/compare/secondNetwork.ts';
import type { MetamerRow, MetamersState } from '../../../../src/lab/metamers/metamerRows.ts';
import { FIRST_CONTROLS } from '../../../../src/lab/metamers/recipe.ts';
import { emptyHistory } from '../../../../src/lab/state/history.ts';
import { defaultSettings } from '../../../../src/lab/state/settings.ts';
import { openParameters } from '../../../../src/ml/formats/open/openFile.ts';
import { safetensorsFromParameters } from '../../../../src/ml/formats/safetensors.ts';
import type { Judgement } from '../../../../src/ml/metamers/judge.ts';
import { initialParameters } from '../../../../src/ml/model/initialize.ts';
import { notebookNetwork } from '../../../../src/ml/model/network.ts';
import { Mt19937 } from '../../../../src/ml/random/mt19937.ts';
import type { JudgeJob, MetamerAnswer, SecondRunJob } from '../../../../src/workers/protocol.ts';
import { weightFile } from '../../../fixtures/weights.ts';
import { metamers as finding } from '../keep/examples.ts';
import { labState } from '../labState.ts';

const split = {
  count: 50,
  channels: 1,
  width: 28,
  height: 28,
  images: new Uint8Array(50 * 784),
  labels: new Uint8Array(50),
};

const answerOf = (pixel: number) =>
  ({ last: { images: new Float32Array(784).fill(pixel) } }) as MetamerAnswer;
const row = (layer: string, pixel?: number): MetamerRow => ({
  layer,
  status: 'done',
  iteration: 1000,
  losses: [],
  frames: [],
  ...(pixel !== undefined && { answer: answerOf(pixel) }),
});

/** Metamers at three layers, of which the last has no answer. */
function madeMetamers(): MetamersState {
  return {
    controls: FIRST_CONTROLS,
    running: false,
    paused: false,
    made: {
      reference: { id: 'test:0', name: 'blank', pixels: new Float32Array(784), origin: { kind: 'pixels' } },
      step: 0,
      moment: { key: '0:0', network: notebookNetwork(), parameters: {} },
      recipe: {
        start: { kind: 'blank', value: 0 },
        iterations: 1000,
        learningRate: 0.01,
        loss: 'mse',
        totalVariation: 0,
        clip: false,
        accumulate: false,
      },
    },
    rows: [row('conv', 0.25), row('fc', 0.5), row('relu')],
  };
}

function setUp() {
  const lab = createStore(() =>
    labState({
      network: notebookNetwork(),
      settings: defaultSettings(),
      moment: 'live',
      log: [{ kind: 'reset', seed: 112, filters: 32, kernelSize: 3, step: 0 }],
      data: { id: 'blank', name: 'blank', sha256: '', classNames: [], train: split, test: split },
    }),
  );
  const metamers = createStore(madeMetamers);
  const jobs: JudgeJob[] = [];
  const made: { key: string; layer: string; iterations: number; pixels: number }[] = [];
  const trained: Omit<SecondRunJob, 'size' | 'port'>[] = [];
  const compared = createStore<{ compared?: Compared }>(() => ({}));
  const second = createSecondNetwork({
    labStore: lab,
    metamers,
    comparison: {
      store: compared,
      choose: async () => undefined,
      add: async () => undefined,
      networkNear: async (step) => ({
        key: `kept a:${step}`,
        network: notebookNetwork(),
        parameters: {},
        step,
      }),
    },
    async makeMetamer(moment, { layer, reference, recipe }, { signal, onProgress }) {
      made.push({ key: moment.key, layer, iterations: recipe.iterations, pixels: reference.length });
      onProgress({ iteration: 1 });
      await new Promise((resolve) => setTimeout(resolve));
      signal.throwIfAborted();
      return finding.rows[0].answer;
    },
    openParameters: async (file, like) => openParameters(new Uint8Array(await file.arrayBuffer()), like),
    momentAt: async () => ({ key: '1:937', network: notebookNetwork(), parameters: {}, step: 937 }),
    async trainNetwork(run, { signal, onProgress }) {
      onProgress({ done: 1, count: 2 });
      trained.push(run);
      await new Promise((resolve) => setTimeout(resolve));
      signal.throwIfAborted();
      return { 'conv.bias': Float32Array.of(run.seed) };
    },
    async judgeMetamers(job) {
      jobs.push(job);
      return [{ pixelCorrelation: job.metamers[0] } as Judgement];
    },
  });
  return { metamers, second, jobs, trained, compared, made };
}

test('the shown network judges every answered row, and rows that come later', async () => {
  const { metamers, second, jobs } = setUp();
  await second.takeShown();
  expect(second.store.getState()).toMatchObject({
    name: 'the network of seed 112 at step 937',
    judging: false,
    judgements: { conv: { pixelCorrelation: 0.25 }, fc: { pixelCorrelation: 0.5 } },
  });
  metamers.setState({ rows: [row('fc', 0.75)] });
  await expect.poll(() => second.store.getState().judgements.fc?.pixelCorrelation).toBe(0.75);
  expect(jobs).toHaveLength(3);
  second.dismiss();
  metamers.setState({ rows: [] });
  expect(second.store.getState()).toMatchObject({ name: undefined, judgements: {} });
  expect(jobs).toHaveLength(3);
});

test('a file may have another number and size of filters; other files are rejected by name', async () => {
  const { second, jobs } = setUp();
  const network = notebookNetwork({ filters: 8, kernelSize: 5 });
  const parameters = initialParameters(network, new Mt19937(1));
  await second.takeFile(new File([safetensorsFromParameters(network, parameters)], 'other.safetensors'));
  expect(second.store.getState()).toMatchObject({ name: 'other.safetensors', problem: undefined });
  expect(jobs[0].moment.network).toEqual(network);
  expect(jobs[0].moment.parameters).toEqual(parameters);
  const state = weightFile('data_parallel.pt');
  await second.takeFile(new File([state], 'data_parallel.pt'));
  expect(second.store.getState()).toMatchObject({
    name: 'data_parallel.pt',
    remark: 'Matched: conv is the file’s “module.conv”, fc is the file’s “module.fc”.',
  });
  await second.takeFile(new File(['no tensors here at all'], 'notes.txt'));
  expect(second.store.getState().name).toBe('data_parallel.pt');
  expect(second.store.getState().problem).toMatch(/safetensors/i);
});

test('another network is trained from its seed and judges; a canceled one leaves no trace', async () => {
  const { second, jobs, trained } = setUp();
  await second.train({ seed: 7, epochs: 2, attacked: true });
  expect(trained[0]).toMatchObject({
    seed: 7,
    epochs: 2,
    settings: {
      batchSize: 64,
      learningRate: '1e-3',
      attack: { norm: 'linf', epsilon: 0.1, steps: 7, stepSize: 0.025 },
    },
  });
  expect(second.store.getState()).toMatchObject({
    name: 'seed 7 after 2 epochs, on attacked images',
    training: undefined,
  });
  expect(jobs[0].moment.parameters).toEqual({ 'conv.bias': Float32Array.of(7) });
  const canceled = second.train({ seed: 8, epochs: 1, attacked: false });
  expect(second.store.getState().training).toEqual({ done: 1, count: 2 });
  second.cancelTraining();
  await canceled;
  expect(trained[1].settings.attack).toBeUndefined();
  expect(second.store.getState()).toMatchObject({
    name: 'seed 7 after 2 epochs, on attacked images',
    training: undefined,
    problem: undefined,
  });
});

test('the compared run judges, shows its saved metamers, and makes missing ones with the same settings', async () => {
  const { metamers, second, compared, made, jobs } = setUp();
  const recipe = metamers.getState().made?.recipe ?? finding.recipe;
  const reference = { ...finding.reference, pixels: new Float32Array(784) };
  const kept = { ...finding, reference, recipe };
  const run = {
    ...{ id: 'a', name: 'Six', network: notebookNetwork(), step: 40, history: emptyHistory() },
    ...{ findings: [kept], moments: [{ step: 40 }] },
  };
  compared.setState({ compared: run });
  await second.takeCompared();
  const [{ answer }] = finding.rows;
  const own = { image: answer.last.images, loss: 0.25, iteration: 100, judgement: answer.judgements[0] };
  expect(second.store.getState()).toMatchObject({ name: '“Six” at step 40', own: { fc: own } });
  expect(jobs.map(({ moment }) => moment.key)).toEqual(['kept a:40', 'kept a:40']);
  await second.makeOwn();
  expect(made).toEqual(
    ['conv', 'fc'].map((layer) => ({ key: 'kept a:40', layer, iterations: 1000, pixels: 784 })),
  );
  expect(Object.keys(second.store.getState().own)).toEqual(['fc', 'conv']);

  // The moment no longer exists, so the saved metamers are not of the judging network.
  compared.setState({ compared: { ...run, moments: [{ step: 0 }] } });
  await second.takeCompared();
  expect(second.store.getState()).toMatchObject({ name: '“Six” at step 0', own: {} });
  // They have other settings, so they do not belong beside these.
  compared.setState({ compared: { ...run, findings: [{ ...kept, recipe: { ...recipe, iterations: 5 } }] } });
  await second.takeCompared();
  expect(second.store.getState().own).toEqual({});
  const canceled = second.makeOwn();
  expect(second.store.getState().making).toEqual({ layer: 'conv', iteration: 1, iterations: 1000 });
  second.cancelOwn();
  await canceled;
  expect(second.store.getState()).toMatchObject({ own: {}, making: undefined, problem: undefined });
  await second.makeOwn();
  // New metamers on the page: the saved ones of the second network have other settings.
  metamers.setState({ rows: [row('fc', 0.75)] });
  expect(second.store.getState().own).toEqual({});
});
