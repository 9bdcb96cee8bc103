/**
 * The WebGPU engine without a browser, on the same WGSL, for machines with a GPU but no display:
 * `node tests/bench/gpu.mjs --webgpu=<folder of the npm package "webgpu", Dawn's Node bindings> [--steps=2000] [--batch=64] [--filters=32] [--kernel=3]`.
 * Reports ms per step, dispatches, the seconds that ten epochs take, and the memory traffic as a fraction of what
 * copying buffers reaches on this device.
 */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'vite';

const OUTPUT = 'test-results/bench-gpu';
const STEPS_OF_TEN_EPOCHS = 9370;
const REPEATS = 5;

const { values: options } = parseArgs({
  options: {
    webgpu: { type: 'string' },
    steps: { type: 'string', default: '2000' },
    batch: { type: 'string', default: '64' },
    filters: { type: 'string', default: '32' },
    kernel: { type: 'string', default: '3' },
  },
});
if (!options.webgpu) {
  throw new Error('gpu: expected --webgpu=<folder of the npm package "webgpu">, found none');
}
const [steps, batch, filters, kernelSize] = [
  options.steps,
  options.batch,
  options.filters,
  options.kernel,
].map(Number);

const { create, globals } = await import(pathToFileURL(resolve(options.webgpu, 'index.js')).href);
Object.assign(globalThis, globals);
await build({
  configFile: false,
  logLevel: 'error',
  build: {
    ssr: 'tests/bench/gpuEngine.ts',
    outDir: OUTPUT,
    rollupOptions: { output: { entryFileNames: 'gpuEngine.mjs' } },
  },
});
const {
  acquireDevice,
  adapterName,
  createWebGpuEngine,
  notebookNetwork,
  initialParameters,
  Mt19937,
  stepTraffic,
} = await import(pathToFileURL(join(resolve(OUTPUT), 'gpuEngine.mjs')).href);

// Dawn frees an instance without references, together with its devices.
globalThis.dawn = create([]);
const owned = await acquireDevice({ gpu: globalThis.dawn });
const network = notebookNetwork({ filters, kernelSize });
const engine = await createWebGpuEngine({ network, device: owned });
const dispatches = countDispatches();

const images = Uint8Array.from({ length: 60_000 * 784 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
const labels = Uint8Array.from({ length: 60_000 }, (_, i) => i % 10);
await engine.load({ parameters: initialParameters(network, new Mt19937(111)) });
await engine.setData(images, labels);
const makeSteps = (count) =>
  Array.from({ length: count }, (_, step) => ({
    indices: Int32Array.from({ length: batch }, (_, i) => (step * batch + i * 7) % 60_000),
    learningRate: 1e-3,
  }));

await engine.train(makeSteps(20));
dispatches.count = 0;
await engine.train(makeSteps(100));
const perStep = dispatches.count / 100;
const times = [];
for (let i = 0; i < REPEATS; i++) {
  const began = performance.now();
  await engine.train(makeSteps(steps));
  times.push((performance.now() - began) / steps);
}
const milliseconds = median(times);
const copied = await copyBandwidth(owned.device);
const moved = stepTraffic(network, batch);
console.log(
  `device              ${adapterName(owned.adapter)} (${owned.adapter.vendor} ${owned.adapter.architecture})`,
);
console.log(`network, batch      ${filters} filters of ${kernelSize} x ${kernelSize}, ${batch} images`);
console.log(
  `step                ${milliseconds.toFixed(4)} ms (median of ${REPEATS} x ${steps}; ${times.map((time) => time.toFixed(4)).join(', ')})`,
);
console.log(`ten epochs          ${((milliseconds * STEPS_OF_TEN_EPOCHS * 64) / batch / 1000).toFixed(2)} s`);
console.log(`dispatches a step   ${perStep}`);
console.log(
  `memory of a step    ${(moved / 1e6).toFixed(2)} MB, ${(moved / milliseconds / 1e6).toFixed(2)} GB/s`,
);
console.log(
  `copying reaches     ${(copied / 1e9).toFixed(1)} GB/s: the step reaches ${((100 * moved) / (milliseconds / 1000) / copied).toFixed(1)} % of it`,
);
await engine.dispose();
owned.device.destroy();
process.exit(0);

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** Counts every dispatch from now on. */
function countDispatches() {
  const counter = { count: 0 };
  const { dispatchWorkgroups } = globalThis.GPUComputePassEncoder.prototype;
  globalThis.GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...sizes) {
    counter.count += 1;
    return dispatchWorkgroups.apply(this, sizes);
  };
  return counter;
}

/** Bytes read and written per second when the device copies a large buffer. */
async function copyBandwidth(device) {
  const size = 128 * 2 ** 20;
  const usage = globalThis.GPUBufferUsage.COPY_SRC | globalThis.GPUBufferUsage.COPY_DST;
  const [from, to] = [0, 1].map(() => device.createBuffer({ size, usage }));
  const copies = 8;
  const rates = [];
  for (let i = 0; i < REPEATS; i++) {
    const encoder = device.createCommandEncoder();
    for (let copy = 0; copy < copies; copy++) encoder.copyBufferToBuffer(from, 0, to, 0, size);
    await device.queue.onSubmittedWorkDone();
    const began = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    rates.push((2 * copies * size) / ((performance.now() - began) / 1000));
  }
  from.destroy();
  to.destroy();
  return median(rates);
}
