/**
 * Creates the runs that the page can show without training: ten epochs from seed 111 on the wasm engine, with a few
 * snapshots in half precision. Usage: `node scripts/recordRun.mjs [notebook | lenet]`, after build-wasm.mjs; the
 * notebook's run is public/recorded.untangle.zip, LeNet's public/recorded-lenet.untangle.zip.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createServer } from 'vite';

const OUTPUTS = {
  notebook: 'public/recorded.untangle.zip',
  lenet: 'public/recorded-lenet.untangle.zip',
};
const [preset = 'notebook'] = process.argv.slice(2);
if (!Object.hasOwn(OUTPUTS, preset)) {
  throw new Error(`expected one of ${Object.keys(OUTPUTS).join(', ')}, found ${preset}`);
}
const OUTPUT = OUTPUTS[preset];
const SEED = 111;
const EPOCHS = 10;
/** Snapshots besides the best epoch's and the last. The first one follows from the seed and takes no space. */
const SNAPSHOTS = [100, 937, 3 * 937];

const vite = await createServer({ configFile: false, server: { middlewareMode: true }, logLevel: 'error' });
const load = (path) => vite.ssrLoadModule(`/src/${path}`);
const { createWasmEngine } = await load('ml/engines/wasm/engine.ts');
const { presetNetwork } = await load('ml/model/presets.ts');
const { shapeOf } = await load('lab/state/networkShape.ts');
const { TrainingRun } = await load('ml/training/run.ts');
const { parseIdx } = await load('ml/data/idx.ts');
const { defaultSettings } = await load('lab/state/settings.ts');
const { writeRunFile } = await load('ml/formats/runFile.ts');
const { readZip, writeZip } = await load('ml/formats/zip.ts');
const { parseSafetensors, writeSafetensors, float32Values } = await load('ml/formats/safetensors.ts');

const network = presetNetwork(preset);
const engine = await createWasmEngine({ network });
const [train, test] = [labeled('train'), labeled('t10k')];
await engine.setData(train.images, train.labels);
const settings = { ...defaultSettings(), ...shapeOf(network), seed: SEED, epochs: EPOCHS };
const run = new TrainingRun(engine, train, test, settings);
await run.reset(SEED);

const losses = [];
const accuracies = [];
const epochs = [];
const kept = new Map();
const keep = async (epochEnd) => {
  const { step, epoch } = run.position;
  const parameters = await engine.parameters();
  kept.set(step, { step, epoch, epochEnd, parameters });
};
await run.train(
  { epochs: EPOCHS },
  {
    next: () =>
      Math.min(100, ...SNAPSHOTS.map((step) => step - run.position.step).filter((left) => left > 0)),
    async onChunk(chunk) {
      losses.push(...chunk.losses);
      accuracies.push(...chunk.accuracies);
      if (SNAPSHOTS.includes(run.position.step)) await keep(false);
    },
    async onEpoch(result) {
      epochs.push(result);
      await keep(true);
      console.log(`epoch ${result.epoch}: test accuracy ${result.testAccuracy}`);
    },
  },
);
const best = epochs.reduce((one, other) => (other.testAccuracy > one.testAccuracy ? other : one));
const wanted = [...SNAPSHOTS, best.step, run.position.step];
const file = writeRunFile({
  name: 'Recorded run',
  created: new Date().toISOString(),
  dataSet: 'MNIST',
  network,
  settings,
  log: [...run.log],
  losses: Float32Array.from(losses),
  accuracies: Float32Array.from(accuracies),
  epochs,
  snapshots: [...kept.values()].filter(({ step }) => wanted.includes(step)),
  bestStep: best.step,
  results: {},
  attachments: new Map(),
});
const files = readZip(file);
for (const [path, bytes] of files) {
  if (path.endsWith('.safetensors')) files.set(path, inHalfPrecision(bytes));
}
const bytes = writeZip(files);
writeFileSync(OUTPUT, bytes);
console.log(`${OUTPUT}: ${(bytes.length / 1e6).toFixed(2)} MB`);
await vite.close();

function labeled(prefix) {
  const read = (name) => parseIdx(gunzipSync(readFileSync(`public/mnist/${name}.gz`)), name).values;
  return {
    images: read(`${prefix}-images-idx3-ubyte`),
    labels: read(`${prefix}-labels-idx1-ubyte`),
  };
}

function inHalfPrecision(file) {
  const { tensors } = parseSafetensors(file);
  for (const [name, tensor] of tensors) {
    const halves = Uint16Array.from(float32Values(tensor), halfOf);
    tensors.set(name, { ...tensor, dtype: 'F16', bytes: new Uint8Array(halves.buffer) });
  }
  return writeSafetensors({ tensors });
}

/** The bits of the nearest half-precision number (IEEE 754 binary16, ties to even), for numbers within its range. */
function halfOf(value) {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === 0) return sign;
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const units = roundEven(size / 2 ** (exponent - 10));
  // A subnormal has no leading one. A carry out of the fraction increments the exponent, as it should.
  return sign | (exponent === -14 && units < 1024 ? units : ((exponent + 15) << 10) + units - 1024);
}

function roundEven(value) {
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}
