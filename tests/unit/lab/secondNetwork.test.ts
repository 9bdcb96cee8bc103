import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { MetamerRow, MetamersState } from '../../../src/lab/metamers.ts';
import { createSecondNetwork } from '../../../src/lab/secondNetwork.ts';
import { defaultSettings } from '../../../src/lab/settings.ts';
import type { LabState } from '../../../src/lab/state.ts';
import { safetensorsFromParameters } from '../../../src/ml/formats/safetensors.ts';
import type { Judgement } from '../../../src/ml/metamers/judge.ts';
import { initialParameters } from '../../../src/ml/model/initialize.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';
import type { JudgeJob, MetamerAnswer, SecondRunJob } from '../../../src/workers/protocol.ts';

function setUp() {
  const split = {
    count: 50,
    width: 28,
    height: 28,
    images: new Uint8Array(50 * 784),
    labels: new Uint8Array(50),
  };
  const lab = createStore<LabState>(() => ({
    ...({} as LabState),
    network: notebookNetwork(),
    settings: defaultSettings(),
    moment: 'live',
    log: [{ kind: 'reset', seed: 112, filters: 32, kernelSize: 3, step: 0 }],
    data: { name: 'blank', classNames: [], train: split, test: split },
  }));
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
  const metamers = createStore<MetamersState>(() => ({
    ...({} as MetamersState),
    running: false,
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
  }));
  const jobs: JudgeJob[] = [];
  const trained: Omit<SecondRunJob, 'size' | 'port'>[] = [];
  const second = createSecondNetwork({
    lab,
    metamers,
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
  return { metamers, second, jobs, trained, row };
}

test('the shown network judges every answered row, and rows that come later', async () => {
  const { metamers, second, jobs, row } = setUp();
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

test('a file may hold another number and size of filters; one that is none is refused by name', async () => {
  const { second, jobs } = setUp();
  const network = notebookNetwork({ filters: 8, kernelSize: 5 });
  const parameters = initialParameters(network, new Mt19937(1));
  await second.takeFile({ name: 'other.safetensors', bytes: safetensorsFromParameters(network, parameters) });
  expect(second.store.getState()).toMatchObject({ name: 'other.safetensors', problem: undefined });
  expect(jobs[0].moment.network).toEqual(network);
  expect(jobs[0].moment.parameters).toEqual(parameters);
  await second.takeFile({ name: 'notes.txt', bytes: new TextEncoder().encode('no tensors here at all') });
  expect(second.store.getState().name).toBe('other.safetensors');
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
    name: 'one of seed 7 after 2 epochs, on attacked images',
    training: undefined,
  });
  expect(jobs[0].moment.parameters).toEqual({ 'conv.bias': Float32Array.of(7) });
  const canceled = second.train({ seed: 8, epochs: 1, attacked: false });
  expect(second.store.getState().training).toEqual({ done: 1, count: 2 });
  second.cancelTraining();
  await canceled;
  expect(trained[1].settings.attack).toBeUndefined();
  expect(second.store.getState()).toMatchObject({
    name: 'one of seed 7 after 2 epochs, on attacked images',
    training: undefined,
    problem: undefined,
  });
});
