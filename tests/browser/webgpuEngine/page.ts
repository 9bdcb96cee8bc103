import * as tf from '@tensorflow/tfjs';
import { DeviceLostError, type TrainingStep } from '../../../src/ml/engines/engine.ts';
import { acquireDevice, ownDevice } from '../../../src/ml/engines/webgpu/device/device.ts';
import {
  createFusedEngine,
  createWebGpuEngine,
  type WebGpuEngine,
} from '../../../src/ml/engines/webgpu/engine.ts';
import { makeKernel } from '../../../src/ml/engines/webgpu/kernels/kernel.ts';
import { networkSizes } from '../../../src/ml/engines/webgpu/kernels/sizes.ts';
import { hardwareTuning, softwareTuning } from '../../../src/ml/engines/webgpu/kernels/tile.ts';
import { Programs } from '../../../src/ml/engines/webgpu/programs.ts';
import { parameterTensors, registerTensorFlow } from '../../../src/ml/engines/webgpu/tensorflow.ts';
import { openParameters } from '../../../src/ml/formats/open/openFile.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import type { NetworkState, Parameters } from '../../../src/ml/model/parameters.ts';
import { deeperNetworks } from '../../unit/engines/deeperNetworks.ts';
import {
  batchMasks,
  numbers,
  ReferenceNetwork,
  randomImages,
  randomParameters,
  relativeError,
  splitRows,
} from '../../unit/engines/referenceNetwork.ts';

declare global {
  interface Window {
    webgpuTests: typeof tests;
  }
}

const network = notebookNetwork();
const batch = (step: number, size = 64): TrainingStep => ({
  indices: Int32Array.from({ length: size }, (_, i) => 64 * step + i),
  learningRate: 1e-3,
});
const batches = (count: number) => Array.from({ length: count }, (_, step) => batch(step));

/** Random bytes instead of MNIST; both sides of a comparison use the same. */
const data = (count: number) => ({
  images: Uint8Array.from(numbers(count * 784, 128, 3), (value) => value + 128),
  labels: Uint8Array.from({ length: count }, (_, i) => (i * 7) % 10),
});

async function start(state: NetworkState = { parameters: randomParameters(network) }): Promise<WebGpuEngine> {
  const engine = await createFusedEngine({ network });
  const { images, labels } = data(64 * 12);
  await engine.load(state);
  await engine.setData(images, labels);
  return engine;
}

/** Number of entries whose bits differ between two states. */
function differences(a: Required<NetworkState>, b: Required<NetworkState>): number {
  const records = ({ parameters, optimizer }: Required<NetworkState>): Parameters[] => [
    parameters,
    ...Object.values(optimizer.slots),
  ];
  const [left, right] = [records(a), records(b)];
  return left
    .flatMap((record, i) =>
      Object.entries(record).map(([name, values]) => ({ values, others: right[i][name] })),
    )
    .reduce(
      (total, { values, others }) => total + values.filter((value, i) => !Object.is(value, others[i])).length,
      a.optimizer.step === b.optimizer.step ? 0 : 1,
    );
}

/** The error that a promise was rejected with. */
async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: unknown) => (error instanceof DeviceLostError ? 'DeviceLostError' : String(error)),
  );
}

const tests = {
  /** The error for a program that this browser does not compile. */
  async uncompiled(): Promise<{ name: string; message: string }> {
    const { device } = await acquireDevice();
    const broken = makeKernel('broken', [], '@compute @workgroup_size(64) fn main() { let x: f16 = 1h; }');
    try {
      await new Programs(device).get(broken);
      throw new Error('uncompiled: expected an error, found none');
    } catch (error) {
      return error instanceof Error
        ? { name: error.name, message: error.message }
        : { name: '', message: '' };
    } finally {
      device.destroy();
    }
  },
  /** The golden run: losses, correct counts, and norms and samples of the parameters after the given steps. */
  async trajectory(
    { safetensors, images, labels }: Record<'safetensors' | 'images' | 'labels', string>,
    snapshots: number[],
    sampleIndices: Record<string, number[]>,
  ) {
    const decode = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const engine = await createFusedEngine({ network });
    await engine.load(openParameters(decode(safetensors), network, { freeSizes: false }));
    await engine.setData(decode(images), decode(labels));
    const losses: number[] = [];
    const correct: number[] = [];
    const parameters: Record<string, { norm: number; sample: number[] }>[] = [];
    for (const until of snapshots) {
      const result = await engine.train(batches(until).slice(losses.length));
      losses.push(...result.losses);
      correct.push(...result.correct);
      const summary = Object.entries(await engine.parameters()).map(([name, values]) => {
        const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
        return [name, { norm, sample: sampleIndices[name].map((index) => values[index]) }] as const;
      });
      parameters.push(Object.fromEntries(summary));
    }
    await engine.dispose();
    return { losses, correct, parameters };
  },

  /**
   * Compares a network with every kind of layer, on a device with only the default limits, with the float64
   * reference.
   */
  async layered() {
    const adapter = await navigator.gpu.requestAdapter();
    if (!adapter) throw new Error('expected an adapter, found none');
    const owned = ownDevice(await adapter.requestDevice(), adapter.info);
    const [[, description]] = deeperNetworks;
    const parameters = randomParameters(description);
    const reference = new ReferenceNetwork(description, parameters);
    const count = 9;
    const images = randomImages(description, count);
    const rows = splitRows(images, count);
    const labels = Uint8Array.from(rows, (_, i) => i % 6);
    const states: Required<NetworkState>[] = [];
    const losses: number[] = [];
    for (let run = 0; run < 2; run++) {
      const engine = await createWebGpuEngine({ network: description, device: owned });
      await engine.load({ parameters });
      const step = { images, labels, learningRate: 1e-3, dropoutSeed: 5 };
      losses.push((await engine.train([step])).losses[0]);
      states.push(await engine.state());
      if (run === 0) await engine.dispose();
      else {
        await engine.load({ parameters });
        const cotangent = numbers(count * 28, 1, 3);
        const { gradient } = await engine.inputGradient(images, 'flatten', { kind: 'cotangent', cotangent });
        const masks = batchMasks(description, { seed: 5, step: 0, count });
        const slopes = reference.lossGradient(images, labels, masks);
        const { exp_avg } = states[0].optimizer.slots;
        const report = {
          loss: Math.abs(losses[0] - reference.loss(images, labels, masks)),
          parameters: Math.max(
            ...Object.entries(slopes).map(([name, values]) =>
              relativeError(
                exp_avg[name],
                values.map((value) => value / 10),
              ),
            ),
          ),
          pixels: relativeError(
            gradient,
            rows.flatMap((image, i) => [
              ...reference.backward(image, 'flatten', cotangent.subarray(28 * i, 28 * (i + 1))).pixels,
            ]),
          ),
          different: differences(states[0], states[1]),
        };
        await engine.dispose();
        owned.device.destroy();
        return report;
      }
    }
    throw new Error('expected two runs, found none');
  },

  /** On a device with only the default limits: forward, input gradient and one training step. */
  async defaultLimits(filters: number, kernelSize: number, isHardwareTuning: boolean) {
    const adapter = await navigator.gpu.requestAdapter();
    if (!adapter) throw new Error('expected an adapter, found none');
    const owned = ownDevice(await adapter.requestDevice(), adapter.info);
    const description = notebookNetwork({ filters, kernelSize });
    const parameters = randomParameters(description);
    const reference = new ReferenceNetwork(description, parameters);
    const engine = await createFusedEngine({
      network: description,
      device: owned,
      tuning: (isHardwareTuning ? hardwareTuning : softwareTuning)(networkSizes(description)),
    });
    await engine.load({ parameters });
    const count = 3;
    const images = numbers(count * 784, 0.5, 7).map((value) => value + 0.5);
    const rows = splitRows(images, count);
    const labels = Uint8Array.of(1, 4, 9);
    const logits = await engine.forward(images, 'fc');
    const { gradient } = await engine.inputGradient(images, 'fc', { kind: 'crossEntropy', labels });
    const { losses } = await engine.train([{ images, labels, learningRate: 1e-3 }]);
    const { exp_avg: firstMoment } = (await engine.state()).optimizer.slots;
    const slope = (i: number) => Float64Array.from({ length: 10 }, (_, k) => (k === labels[i] ? -1 : 0));
    const expected = reference.lossGradient(images, labels);
    await engine.dispose();
    owned.device.destroy();
    return {
      buffersPerStage: owned.device.limits.maxStorageBuffersPerShaderStage,
      workgroupMemory: owned.device.limits.maxComputeWorkgroupStorageSize,
      invocations: owned.device.limits.maxComputeInvocationsPerWorkgroup,
      logits: relativeError(
        logits,
        rows.flatMap((image) => [...reference.activationsAt(image, 'fc')]),
      ),
      pixels: relativeError(
        gradient,
        rows.flatMap((image, i) => [...reference.backward(image, 'logSoftmax', slope(i)).pixels]),
      ),
      loss: Math.abs(losses[0] - reference.loss(images, labels)),
      parameters: Math.max(
        ...Object.entries(expected).map(([name, values]) =>
          relativeError(
            firstMoment[name],
            values.map((value) => value / 10),
          ),
        ),
      ),
    };
  },

  /** Number of entries that differ between two runs of one seed, and between a run and one resumed in the middle. */
  async repeatability() {
    const steps = [...batches(4), batch(4, 37), batch(5, 1), batch(6)];
    const engine = await start();
    await engine.train(steps.slice(0, 3));
    const middle = await engine.state();
    await engine.train(steps.slice(3));
    const end = await engine.state();
    const again = await start();
    await again.train(steps);
    const whole = differences(end, await again.state());
    const resumed = await start(middle);
    const loaded = differences(middle, await resumed.state());
    await resumed.train(steps.slice(3));
    const continued = differences(end, await resumed.state());
    const compared = Object.values(end.parameters).reduce((total, { length }) => total + 3 * length, 0);
    await Promise.all([engine, again, resumed].map((each) => each.dispose()));
    return { whole, loaded, continued, compared, step: end.optimizer.step };
  },

  /** Destroys the device `after` a step of 12; a new device continues from a checkpoint of step 3. */
  async deviceLoss(after: number) {
    const undisturbed = await start();
    await undisturbed.train(batches(12));
    const expected = await undisturbed.state();
    await undisturbed.dispose();

    const engine = await start();
    await engine.train(batches(3));
    const checkpoint = await engine.state();
    await engine.train(batches(after).slice(3));
    const pending = engine.train(batches(12).slice(after));
    const reading = failure(pending);
    engine.device.device.destroy();
    const names = [
      await reading,
      await failure(engine.state()),
      await failure(engine.parameters(['conv.weight'])),
      await failure(engine.forward(new Float32Array(784), 'fc')),
      await failure(engine.train(batches(1))),
    ];
    await engine.dispose();

    const next = await start(checkpoint);
    await next.train(batches(12).slice(checkpoint.optimizer.step));
    const different = differences(expected, await next.state());
    await next.dispose();
    return { names, different };
  },

  /** TensorFlow.js on the engine's device: the parameters as tensors, before and after a loss. */
  async tensors() {
    const report: { ours: boolean; isPacked: boolean; different: number; logits: number; left: number }[] =
      [];
    for (let turn = 0; turn < 2; turn++) {
      const owned = await acquireDevice();
      const backend = await registerTensorFlow(owned);
      const engine = await createFusedEngine({ network, device: owned });
      await engine.load({ parameters: randomParameters(network) });
      await engine.setData(data(64).images, data(64).labels);
      await engine.train(batches(1));
      const before = tf.memory().numTensors;
      const tensors = await parameterTensors(engine);
      const own = await engine.parameters();
      let different = 0;
      for (const [name, tensor] of Object.entries(tensors)) {
        const values = await tensor.data();
        different += own[name].filter((value, i) => value !== values[i]).length;
      }
      const hidden = await engine.forward(data(2).images, 'relu');
      const product = tf.tidy(() =>
        tf.add(
          tf.matMul(tf.tensor2d(hidden, [2, 21632]), tensors['fc.weight'], false, true),
          tensors['fc.bias'],
        ),
      );
      const logits = relativeError(await product.data(), await engine.forward(data(2).images, 'fc'));
      tf.dispose([product, ...Object.values(tensors)]);
      report.push({
        ours: backend.device === owned.device && tf.backend() === backend,
        isPacked: tf.env().getNumber('WEBGPU_MATMUL_PROGRAM_TYPE') === 3,
        different,
        logits,
        left: tf.memory().numTensors - before,
      });
      owned.device.destroy();
      await owned.lost;
      await engine.dispose();
    }
    const dead = await acquireDevice();
    dead.device.destroy();
    await dead.lost;
    return { report, refused: await failure(registerTensorFlow(dead)) };
  },

  /** Dispatches and submits of training steps, and device memory over many calls. */
  async cost() {
    let dispatches = 0;
    let submits = 0;
    const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
    GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...sizes) {
      dispatches += 1;
      return dispatchWorkgroups.apply(this, sizes);
    };
    const { submit } = GPUQueue.prototype;
    GPUQueue.prototype.submit = function (buffers) {
      submits += 1;
      return submit.call(this, buffers);
    };
    const engine = await start();
    await engine.train(batches(10));
    const counted = { dispatches, submits };
    const before = engine.deviceBytes;
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const began = performance.now();
      await engine.train(batches(10));
      times.push((performance.now() - began) / 10);
      await engine.forward(data(64).images, 'logSoftmax');
      await engine.parameters(['conv.weight']);
    }
    const once = engine.deviceBytes;
    for (let i = 0; i < 3; i++) {
      await engine.train(batches(10));
      await engine.forward(data(64).images, 'logSoftmax');
    }
    const after = engine.deviceBytes;
    await engine.dispose();
    GPUComputePassEncoder.prototype.dispatchWorkgroups = dispatchWorkgroups;
    GPUQueue.prototype.submit = submit;
    return { ...counted, before, once, after, milliseconds: times.sort((a, b) => a - b)[2] };
  },

  /** Adversarial training, twice: equal bits, and a higher loss than on clean images. */
  async attacked(norm: 'linf' | 'l2', epsilon: number) {
    const attack = { norm, epsilon, steps: 2, stepSize: epsilon / 2, randomStart: true, seed: 9 };
    const steps = [batch(0, 12), batch(1, 12)].map((step) => ({ ...step, attack }));
    const [first, second] = [await start(), await start()];
    const losses = (await first.train(steps)).losses;
    await second.train(steps);
    const different = differences(await first.state(), await second.state());
    const clean = await start();
    const cleanLosses = (await clean.train([batch(0, 12)])).losses;
    await Promise.all([first, second, clean].map((each) => each.dispose()));
    return { different, attackedLoss: losses[0], cleanLoss: cleanLosses[0] };
  },

  /** How far an attacked batch exceeds the ball (per pixel, or the image's length) and [0, 1], in float64. */
  async attackReach(norm: 'linf' | 'l2', epsilon: number) {
    const kept = new Map<string, GPUBuffer>();
    const { createBuffer } = GPUDevice.prototype;
    let device: GPUDevice | undefined;
    GPUDevice.prototype.createBuffer = function (descriptor) {
      const buffer = createBuffer.call(this, descriptor);
      if (descriptor.label === 'batch' || descriptor.label === 'original') {
        kept.set(descriptor.label, buffer);
        device = this;
      }
      return buffer;
    };
    const engine = await start();
    // Full-size steps, so that most pixels end at the border.
    const attack = { norm, epsilon, steps: 3, stepSize: epsilon, randomStart: true, seed: 4 };
    await engine.train([{ ...batch(0, 16), attack }]);
    GPUDevice.prototype.createBuffer = createBuffer;
    const read = async (name: string) => {
      const source = kept.get(name);
      if (!source || !device) throw new Error(`expected the buffer "${name}", found none`);
      const size = 4 * 16 * 784;
      const target = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(source, 0, target, 0, size);
      device.queue.submit([encoder.finish()]);
      await target.mapAsync(GPUMapMode.READ);
      return new Float32Array(target.getMappedRange().slice(0));
    };
    const [attacked, original] = [await read('batch'), await read('original')];
    await engine.dispose();
    const { images } = data(16);
    const exact = original.every((value, i) => value === Math.fround(images[i] / 255));
    const changes = Float64Array.from(attacked, (value, i) => value - original[i]);
    const reach =
      norm === 'linf'
        ? changes.map(Math.abs)
        : Float64Array.from({ length: 16 }, (_, n) =>
            Math.hypot(...changes.subarray(784 * n, 784 * (n + 1))),
          );
    return {
      exact,
      outside: reach.filter((value) => value > epsilon).length,
      farthest: Math.max(...reach),
      least: Math.min(...attacked),
      most: Math.max(...attacked),
    };
  },
};

window.webgpuTests = tests;
