/**
 * `npm run bench`: every engine here beside stock TensorFlow.js and jax-js, in one browser and one run, and how the cost grows;
 * then attacks, metamers and geometry in Node, on one thread; writes BENCHMARKS.md. `--quick` shortens every measurement; `--only=wasm` prints the rows
 * whose name matches, and writes nothing; `--only=Browsers` writes that section alone. `npm run bench lived` measures the page instead,
 * `npm run bench glue` measures GLUE on one and two threads, and `npm run bench gpu` trains in Node on a GPU.
 */
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { chromium } from '@playwright/test';
import { build, loadConfigFromFile, preview } from 'vite';
import { findChromium } from '../../scripts/findChromium.mjs';
import { ISOLATION } from '../../scripts/site/isolation.mjs';
import { writeReport, writeSection } from './sections.mjs';
import { sourceAddress } from './sourceAddress.mjs';

if (process.argv[2] === 'lived') {
  const { benchLived } = await import('./benchLived.mjs');
  await benchLived(process.argv.slice(3));
  process.exit();
}
if (process.argv[2] === 'glue') {
  const { benchGlue } = await import('./benchGlue.mjs');
  await benchGlue(process.argv.slice(3));
  process.exit();
}
if (process.argv[2] === 'gpu') {
  const { benchGpu } = await import('./gpu.mjs');
  process.exit(await benchGpu(process.argv.slice(3)));
}

const OUTPUT = 'test-results/bench';
/** What is built here also runs here. */
const NODE = `node${process.versions.node}`;
const quick = process.argv.includes('--quick');
const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);
const budget = quick ? 400 : 3000;
const NOTEBOOK = { batch: 64, filters: 32, kernel: 3 };

const contenders = [
  { name: 'Untangle wasm, 1 worker', who: { kind: 'untangle', id: 'wasm' } },
  { name: 'Untangle webgpu', who: { kind: 'untangle', id: 'webgpu' } },
  { name: 'Untangle tfjs-webgpu', who: { kind: 'untangle', id: 'tfjs-webgpu' } },
  { name: 'Untangle tfjs-webgl', who: { kind: 'untangle', id: 'tfjs-webgl' } },
  { name: 'Untangle tfjs-cpu', who: { kind: 'untangle', id: 'tfjs-cpu' } },
  { name: 'TensorFlow.js webgpu', who: { kind: 'tfjs', backend: 'webgpu' } },
  { name: 'TensorFlow.js webgl', who: { kind: 'tfjs', backend: 'webgl' } },
  { name: 'TensorFlow.js wasm', who: { kind: 'tfjs', backend: 'wasm' } },
  { name: 'TensorFlow.js cpu', who: { kind: 'tfjs', backend: 'cpu' } },
  { name: 'jax-js webgpu', who: { kind: 'jax', device: 'webgpu' } },
  { name: 'jax-js wasm', who: { kind: 'jax', device: 'wasm' } },
];
const growth = [
  { title: 'Batch size', values: [16, 64, 256, 1024], size: (batch) => ({ ...NOTEBOOK, batch }) },
  { title: 'Filters', values: [8, 16, 32, 64, 128], size: (filters) => ({ ...NOTEBOOK, filters }) },
  { title: 'Kernel size', values: [3, 5, 7], size: (kernel) => ({ ...NOTEBOOK, kernel }) },
];
/** Millions of multiply-adds per step of 64 images: forward, and twice as many backward. */
const presets = { notebook: 79, perceptron: 21, lenet: 80, pytorch: 2303 };
const DEEPER = 'Deeper networks';
const TEAMS = 'Two workers';
const BROWSERS = 'Browsers';
const growing = contenders.filter(({ name }) => /^Untangle (wasm, 1|webgpu)/.test(name));

// The workers are built as the page's workers are, because WebKit evaluates an entry again when a chunk imports it.
const site = await loadConfigFromFile({ command: 'build', mode: 'production' }, 'vite.config.ts');
const settings = {
  root: 'tests/bench/page',
  configFile: false,
  base: './',
  logLevel: 'error',
  worker: site.config.worker,
};
await build({ ...settings, build: { outDir: `../../../${OUTPUT}`, emptyOutDir: true, target: 'es2022' } });
const server = await serve();
// Workers can share memory only on cross-origin isolated pages.
const isolatedServer = await serve(ISOLATION);
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: ['--no-sandbox', '--enable-unsafe-webgpu', ...gpuFlags()],
});
try {
  if (only === BROWSERS) {
    const section = await measureBrowsers();
    if (!quick) writeSection(section);
  } else {
    const report = await measure();
    if (!only) writeReport(report);
    console.log(report);
  }
} finally {
  await browser.close();
  await server.close();
  await isolatedServer.close();
}

function serve(headers = {}) {
  return preview({
    ...settings,
    build: { outDir: `../../../${OUTPUT}` },
    preview: { port: 0, host: '127.0.0.1', headers },
  });
}

/** With `BENCH_GPU`, WebGPU runs on the machine's GPU, otherwise on the software adapter. */
function gpuFlags() {
  return process.env.BENCH_GPU ? ['--enable-features=Vulkan'] : ['--use-webgpu-adapter=swiftshader'];
}

async function measure() {
  const first = await openPage();
  const adapter = await first.evaluate(() => window.adapterName());
  const yardsticks = [await first.evaluate(() => window.yardstick())];
  await first.close();
  const rows = [];
  for (const { name, who } of contenders.filter(({ name }) => !only || name.includes(only))) {
    rows.push({ name, ...(await time(who, NOTEBOOK)) });
    console.log(tableRow(rows.at(-1)));
  }
  const teams = [];
  for (const from of only && !TEAMS.includes(only) ? [] : [server, isolatedServer]) {
    const page = await openPage(from);
    teams.push(await page.evaluate((budget) => window.timeTeam(budget), 4 * budget));
    await page.close();
    console.log(teamRow(teams.at(-1)));
  }
  const tables = [];
  for (const { title, values, size } of growth) {
    const lines = [];
    for (const { name, who } of growing.filter(({ name }) => !only || name.includes(only))) {
      const cells = [];
      for (const value of values) cells.push(format((await time(who, size(value))).median));
      lines.push(`| ${name} | ${cells.join(' | ')} |`);
      console.log(`${title}: ${lines.at(-1)}`);
    }
    tables.push(
      `### ${title}\n\n| ms per step | ${values.join(' | ')} |\n| --- | ${values.map(() => '---:').join(' | ')} |\n${lines.join('\n')}`,
    );
  }
  if (!only || DEEPER.includes(only)) tables.push(await measureDeeper());
  const last = await openPage();
  yardsticks.push(await last.evaluate(() => window.yardstick()));
  await last.close();
  const browsers = only ? [] : [await measureBrowsers()];
  return write({
    rows,
    teams,
    tables,
    adapter,
    yardsticks,
    sections: [...(await measureInNode()), ...browsers],
  });
}

/** The section on the wasm engine in Chromium, and in Firefox and WebKit if installed. */
async function measureBrowsers() {
  const outDir = `${OUTPUT}-browsers`;
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: { ssr: 'tests/bench/browsers.ts', outDir, emptyOutDir: true, target: NODE },
  });
  const { timeBrowsers } = await import(pathToFileURL(`${outDir}/browsers.js`).href);
  const addresses = { plain: server.resolvedUrls.local[0], isolated: isolatedServer.resolvedUrls.local[0] };
  const [busy] = loadavg();
  const times = await timeBrowsers(addresses, 2 * budget);
  const [chromium] = times;
  const lines = times.map(({ name, agent, ...each }) => {
    const version = /(?:Chrome|Firefox|Version)\/[\d.]+/.exec(agent)?.[0] ?? '';
    const cells = [each.alone, each.byMessages, each.bySharedMemory].map(cellOf);
    const isMeasured = [each, chromium].every(({ alone }) => Array.isArray(alone));
    const besideChromium = isMeasured ? (median(each.alone) / median(chromium.alone)).toFixed(2) : '';
    return `| ${[`${name} (${version.replace('/', ' ')})`, ...cells, besideChromium].join(' | ')} |`;
  });
  const section = `## ${BROWSERS}

The wasm engine in workers, ms per step (medians), ${new Date().toISOString().slice(0, 10)}, by \`npm run bench -- --only=${BROWSERS}\`, which writes
this section alone. Chromium and Firefox use the processor's fused multiply-add; WebKit does not. WebKitGTK shares
memory only on request, which is made here. The limit for a browser's ratio to Chromium is 2. Load average before, of other work: ${busy.toFixed(1)};
where that exceeds 1, two workers compete with it.

| | one worker | two, by messages | two, by shared memory | one worker / Chromium's |
| --- | ---: | ---: | ---: | ---: |
${lines.join('\n')}`;
  console.log(section);
  return section;
}

/** The median, or why there is none. */
function cellOf(times) {
  return typeof times === 'string' ? times : format(median(times));
}

/** A step of each preset, beside PyTorch's on one thread if installed. */
async function measureDeeper() {
  const times = {};
  const lines = [];
  for (const [preset, millions] of Object.entries(presets)) {
    const size = { ...NOTEBOOK, preset };
    const torch = timeTorch(preset);
    const wasm = (await time({ kind: 'untangle', id: 'wasm' }, size)).median;
    const webgpu = (await time({ kind: 'untangle', id: 'webgpu' }, size)).median;
    times[preset] = { webgpu };
    const cells = [
      preset,
      `${millions} M`,
      format(wasm),
      (millions / wasm).toFixed(1),
      format(webgpu),
      torch === undefined ? '' : format(torch),
    ];
    lines.push(`| ${cells.join(' | ')} |`);
    console.log(`${DEEPER}: ${lines.at(-1)}`);
  }
  return `### ${DEEPER}

A step of 64 images. Multiply-adds are those of the forward pass, three times; G/s is wasm's rate of them.

| | multiply-adds | wasm, 1 worker, ms | G/s | webgpu, ms | PyTorch, one thread, ms |
| --- | ---: | ---: | ---: | ---: | ---: |
${lines.join('\n')}

${await limitsOf(times)}`;
}

/** More limits for deeper networks than the section in Node has, as ratios within the same run. */
async function limitsOf({ lenet }) {
  const page = await openPage(isolatedServer);
  const team = await page.evaluate((budget) => window.timeTeam(budget, 'pytorch'), 4 * budget);
  await page.close();
  const stock = await time({ kind: 'tfjs', backend: 'webgpu' }, { ...NOTEBOOK, preset: 'lenet' });
  const rows = [
    ['the example: one worker / two', median(team.alone) / median(team.together), 'at least 1.6'],
    [
      'the example: two workers on runs of their own, mean / two on one run',
      (median(team.apart[0]) + median(team.apart[1])) / 2 / median(team.together),
      'the best that these two cores give',
    ],
    ['LeNet: TensorFlow.js webgpu / Untangle webgpu', stock.median / lenet.webgpu, 'at least 5'],
  ];
  const lines = rows.map(([name, ratio, limit]) => `| ${name} | ${ratio.toFixed(2)} | ${limit} |`);
  console.log(lines.join('\n'));
  return `| ratio | measured | limit |
| --- | ---: | --- |
${lines.join('\n')}`;
}

/** Milliseconds per step of a preset; undefined if there is no Python with torch. */
function timeTorch(preset) {
  for (const python of ['python3', '/usr/bin/python3']) {
    const { status, stdout } = spawnSync(python, ['tests/bench/torchSteps.py', String(budget), preset], {
      encoding: 'utf8',
    });
    if (status === 0) return JSON.parse(stdout)[preset];
  }
  return undefined;
}

/** The sections of tests/bench/node.ts, as tables. */
async function measureInNode() {
  const outDir = `${OUTPUT}-node`;
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [sourceAddress],
    build: { ssr: 'tests/bench/node.ts', outDir, emptyOutDir: true, target: NODE },
  });
  // Node before version 22 has fused multiply-add in WebAssembly only on request.
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  const { sections } = await import(pathToFileURL(`${outDir}/node.js`).href);
  const tables = [];
  for (const [title, bench] of Object.entries(sections)) {
    if (only && !title.includes(only)) continue;
    const rows = await bench(quick ? { repeats: 1 } : {});
    tables.push(sectionTable(title, rows));
    console.log(tables.at(-1));
  }
  return tables;
}

function sectionTable(title, rows) {
  const lines = rows.map(({ name, median, n, reference, remark }) => {
    const cells = [name, format(median), n, reference === undefined ? '' : format(reference), remark ?? ''];
    return `| ${cells.join(' | ')} |`;
  });
  return `## ${title}

Measured in Node on one thread. The reference is PyTorch or the analysis's original Python code,
on one thread of another machine with 2 cores.

| | median ms | of | reference ms | |
| --- | ---: | ---: | ---: | --- |
${lines.join('\n')}`;
}

/** Each contender runs in a separate page, because TensorFlow.js's backend and jax-js's device are global. */
async function openPage(from = server) {
  const page = await browser.newPage();
  page.setDefaultTimeout(600_000);
  await page.goto(from.resolvedUrls.local[0]);
  await page.waitForFunction(() => window.timeContender !== undefined);
  return page;
}

async function time(who, size) {
  const page = await openPage();
  try {
    const timing = await page.evaluate(
      ([who, size, budget]) => window.timeContender(who, size, budget),
      [who, size, budget],
    );
    const sorted = [...timing.rounds].sort((a, b) => a - b);
    return {
      median: median(timing.rounds),
      least: sorted[0],
      most: sorted.at(-1),
      rounds: sorted.length,
      stepsPerRound: timing.stepsPerRound,
    };
  } catch (error) {
    return { error: String(error.message).split('\n')[0] };
  } finally {
    await page.close();
  }
}

function write({ rows, teams, tables, adapter, yardsticks, sections }) {
  const of = (name) => rows.find((row) => row.name === name)?.median;
  const wasm = of('Untangle wasm, 1 worker');
  const webgpu = of('Untangle webgpu');
  const ratios = [
    ['TensorFlow.js wasm / Untangle wasm, 1 worker', of('TensorFlow.js wasm') / wasm],
    ['jax-js wasm / Untangle wasm, 1 worker', of('jax-js wasm') / wasm],
    ['TensorFlow.js webgpu / Untangle webgpu', of('TensorFlow.js webgpu') / webgpu],
    ['jax-js webgpu / Untangle webgpu', of('jax-js webgpu') / webgpu],
  ].filter(([, ratio]) => Number.isFinite(ratio));
  return `# Benchmarks

One training step of the notebook's network (forward, backward, Adam; batch 64, 32 filters of 3 x 3), measured by \`npm run bench\` in one browser
and one session. Compare the ratios; absolute times depend on the machine.

- Date: ${new Date().toISOString().slice(0, 10)}
- Browser: ${browser.browserType().name()} ${browser.version()}
- Processor: ${cpus()[0]?.model.trim()}, ${cpus().length} cores
- WebGPU adapter: ${adapter}
- Yardstick (a plain loop of 50 million multiply-adds): ${yardsticks.map((value) => `${format(value)} ms`).join(' before, ')} after

| | median ms per step | minimum | maximum | rounds x steps |
| --- | ---: | ---: | ---: | ---: |
${rows.map(tableRow).join('\n')}

## Ratios

| | times |
| --- | ---: |
${ratios.map(([name, ratio]) => `| ${name} | ${ratio.toFixed(1)} |`).join('\n')}

## ${TEAMS}

One worker, and two workers on one run, measured alternately (medians, ms per step). Two workers that train separate runs at the same time show the
speed of both cores: if one core is slower, two workers on one run wait for the slower core.

| exchange by | one worker | two, separate runs | two, one run | one / two | separate runs, mean / two |
| --- | ---: | ---: | ---: | ---: | ---: |
${teams.map(teamRow).join('\n')}

## Cost by size

${[...tables, ...sections].join('\n\n')}
`;
}

function teamRow({ alone, apart, together, exchange }) {
  const [one, two, ...own] = [alone, together, ...apart].map(median);
  const mean = (own[0] + own[1]) / 2;
  const times = [format(one), own.map(format).join(' and '), format(two)];
  return `| ${[exchange, ...times, (one / two).toFixed(2), (mean / two).toFixed(2)].join(' | ')} |`;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function tableRow({ name, median, least, most, rounds, stepsPerRound, error }) {
  if (error) return `| ${name} | not available here: ${error} | | | |`;
  return `| ${name} | ${format(median)} | ${format(least)} | ${format(most)} | ${rounds} x ${stepsPerRound} |`;
}

function format(milliseconds) {
  if (milliseconds === undefined) return 'not available here';
  return milliseconds < 100 ? milliseconds.toPrecision(3) : milliseconds.toFixed(0);
}
