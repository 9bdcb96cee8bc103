/**
 * `npm run bench gpu`: ten epochs on MNIST by the WebGPU engine in Node, on the same WGSL as in a browser, for machines with a GPU but
 * no display. Needs the npm package "webgpu" (Dawn's Node bindings), or its folder: `--webgpu=<folder>`. Reports the seconds with the
 * test set's evaluation after every epoch, the accuracy, dispatches, and the memory traffic as a share of what copying buffers reaches
 * on this device; on a GPU it writes its section of BENCHMARKS.md. `--steps=40` makes so many steps and one evaluation instead,
 * `--batch`, `--filters` and `--kernel` change the sizes; these write nothing, and neither does a software adapter.
 */
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { GPU_TITLE, writeSection } from './sections.mjs';

const OUTPUT = 'test-results/bench-gpu';
const EPOCHS = 10;
/** Steps in one call of the engine, as at most in the page. */
const CHUNK = 200;
/** Steps before the measurement, while programs compile and clocks rise. */
const WARM_UP = 200;
const COPIES = 8;
const COPY_ROUNDS = 5;
const AIM = 'under 3 s';

const HOW =
  'Install it with `npm install --no-save webgpu`, or name its folder: `npm run bench gpu -- --webgpu=<folder>`.';

/** @returns the exit code: 1, with one line on stderr, if there are no bindings or no adapter. */
export async function benchGpu(given) {
  const options = optionsOf(given);
  const gpu = await openDawn(options.webgpu);
  if (typeof gpu === 'string') {
    console.error(gpu);
    return 1;
  }
  const code = await bundle();
  const { engine, owned, ...training } = await prepare(gpu, code, options);
  const { vendor, architecture } = owned.adapter;
  const measured = {
    ...(await train(training, options)),
    adapter: `${code.adapterName(owned.adapter)} (${vendor} ${architecture})`,
    perStep: code.stepTraffic(engine.network, options.batch),
    copied: await copyBandwidth(owned.device),
  };
  const section = sectionOf(measured, options);
  console.log(section);
  if (owned.adapter.isSoftware) console.log('\nA software adapter: these times say nothing about a GPU.');
  else if (options.isStandard) writeSection(section);
  await engine.dispose();
  owned.device.destroy();
  return 0;
}

function optionsOf(given) {
  const { values } = parseArgs({
    args: given,
    options: {
      webgpu: { type: 'string' },
      steps: { type: 'string' },
      batch: { type: 'string', default: '64' },
      filters: { type: 'string', default: '32' },
      kernel: { type: 'string', default: '3' },
    },
  });
  const { webgpu, steps, ...sizes } = values;
  const [batch, filters, kernel] = [sizes.batch, sizes.filters, sizes.kernel].map(Number);
  const isStandard = steps === undefined && batch === 64 && filters === 32 && kernel === 3;
  return {
    webgpu,
    steps: steps === undefined ? undefined : Number(steps),
    batch,
    filters,
    kernel,
    isStandard,
  };
}

/** Dawn's GPU object, or a sentence that says what is missing. */
async function openDawn(folder) {
  const entry = folder === undefined ? 'webgpu' : pathToFileURL(resolve(folder, 'index.js')).href;
  let dawn;
  try {
    dawn = await import(entry);
  } catch (error) {
    const found = String(error.message).split('\n')[0];
    return `bench gpu: expected the npm package "webgpu" (Dawn's Node bindings), found none (${found}). ${HOW}`;
  }
  Object.assign(globalThis, dawn.globals);
  // Dawn frees an instance without references, together with its devices.
  globalThis.dawn = dawn.create([]);
  const adapter = await globalThis.dawn.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter) return globalThis.dawn;
  return 'bench gpu: expected a GPU with a Vulkan, Metal or Direct3D 12 driver, found none. Run it on a machine with a GPU.';
}

async function bundle() {
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      ssr: 'tests/bench/gpuEngine.ts',
      outDir: OUTPUT,
      rollupOptions: { output: { entryFileNames: 'gpuEngine.mjs' } },
    },
  });
  return import(pathToFileURL(join(resolve(OUTPUT), 'gpuEngine.mjs')).href);
}

async function prepare(gpu, code, { batch, filters, kernel }) {
  const { train, test } = await code.readMnist();
  const owned = await code.acquireDevice({ gpu });
  const network = code.notebookNetwork({ filters, kernelSize: kernel });
  const engine = await code.createWebGpuEngine({ network, device: owned });
  await engine.setData(train.images, train.labels);
  const run = new code.TrainingRun(engine, train, test, { batchSize: batch, learningRate: 1e-3 });
  const evaluate = () => code.evaluate(engine, test.images, test.labels);
  return { engine, owned, run, evaluate };
}

/** Trains from seed 111, after a warm-up that is undone. */
async function train({ run, evaluate }, { steps }) {
  await run.reset(111);
  await run.train({ maxSteps: Math.min(WARM_UP, steps ?? WARM_UP) }, { next: () => CHUNK });
  await evaluate();
  await run.reset(111);
  const counter = countDispatches();
  const stepping = { seconds: 0, dispatches: 0 };
  let before = { time: 0, count: 0 };
  const hooks = {
    next() {
      before = { time: performance.now(), count: counter.count };
      return CHUNK;
    },
    onChunk() {
      stepping.seconds += (performance.now() - before.time) / 1000;
      stepping.dispatches += counter.count - before.count;
    },
  };
  const started = performance.now();
  const result = await run.train(steps === undefined ? { epochs: EPOCHS } : { maxSteps: steps }, hooks);
  const accuracies = result.epochs.map(({ testAccuracy }) => testAccuracy);
  if (accuracies.length === 0) accuracies.push((await evaluate()).accuracy);
  const seconds = (performance.now() - started) / 1000;
  return { steps: result.steps, seconds, stepping, accuracies };
}

function sectionOf({ adapter, steps, seconds, stepping, accuracies, perStep, copied }, options) {
  const { batch, filters, kernel } = options;
  const reached = (perStep * steps) / stepping.seconds;
  const what =
    options.steps === undefined
      ? `${EPOCHS} epochs, the test set after each`
      : `${steps} steps, the test set once`;
  const percent = (share) => `${(100 * share).toFixed(2)} %`;
  return `${GPU_TITLE}

The webgpu engine trains on MNIST in Node on Dawn, seed 111, by \`npm run bench gpu\`, ${new Date().toISOString().slice(0, 10)}. The bytes of a step are the fewest that it
can move: each buffer counted once per pass.

- Adapter: ${adapter}; processor: ${cpus()[0]?.model.trim()}
- Network: ${filters} filters of ${kernel} x ${kernel}, batches of ${batch}

| | measured |
| --- | ---: |
| ${what}: seconds (aim for ten epochs: ${AIM}) | ${seconds.toFixed(2)} |
| of these, the steps and the evaluations | ${stepping.seconds.toFixed(2)} and ${(seconds - stepping.seconds).toFixed(2)} |
| accuracy on the test set: the last, and the best | ${percent(accuracies.at(-1))} and ${percent(Math.max(...accuracies))} |
| a step, ms | ${((1000 * stepping.seconds) / steps).toFixed(4)} |
| dispatches a step | ${(stepping.dispatches / steps).toFixed(1)} |
| bytes that the steps move | ${((perStep * steps) / 1e9).toFixed(3)} GB, ${(perStep / 1e6).toFixed(2)} MB a step |
| bytes a second: the steps, copying buffers, and their ratio | ${(reached / 1e9).toFixed(2)} GB/s, ${(copied / 1e9).toFixed(1)} GB/s and ${((100 * reached) / copied).toFixed(1)} % |`;
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

/** Bytes read and written per second when the device copies a large buffer: the median of several rounds. */
async function copyBandwidth(device) {
  const size = 128 * 2 ** 20;
  const usage = globalThis.GPUBufferUsage.COPY_SRC | globalThis.GPUBufferUsage.COPY_DST;
  const [from, to] = [0, 1].map(() => device.createBuffer({ size, usage }));
  const rates = [];
  for (let round = 0; round < COPY_ROUNDS; round++) {
    const encoder = device.createCommandEncoder();
    for (let copy = 0; copy < COPIES; copy++) encoder.copyBufferToBuffer(from, 0, to, 0, size);
    await device.queue.onSubmittedWorkDone();
    const began = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    rates.push((2 * COPIES * size) / ((performance.now() - began) / 1000));
  }
  from.destroy();
  to.destroy();
  return rates.sort((a, b) => a - b)[COPY_ROUNDS >> 1];
}
