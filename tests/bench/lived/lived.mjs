import { spawnSync } from 'node:child_process';
import { build, preview } from 'vite';
import { ISOLATION } from '../../../scripts/site/isolation.mjs';
import { startChromium, until } from './cdp.mjs';
import { measureDrags } from './drag.mjs';
import { cpuSeconds, findProcesses, sharesBetween } from './threads.mjs';
import { traceMainThread } from './trace.mjs';

const ENGINE_PAGE = 'test-results/bench-lived';
const PANELS = [
  'network',
  'train',
  'filters',
  'activations',
  'confusion',
  'gallery',
  'spectrum',
  'geometry',
  'metamers',
  'adversarial',
];
/** Steps per measurement: they take seconds, so that the start and the end of training count little. */
const STEPS = { full: 2000, quick: 1000 };
const WARM_UP = 200;
/** How much fewer steps of another network are measured. */
const SLOWER = { lenet: 2, pytorch: 30 };
const EPOCHS = 10;
const ROUNDS = 3;

/** The timeline's drag alone, in the built page after an epoch of training. */
export async function measureDragsAlone({ network, panels }) {
  const site = await serve({ root: '.', outDir: 'dist' });
  const browser = await startChromium();
  try {
    const lab = await openLab(browser, site.url, { network });
    await lab.page.evaluate(() => document.getElementById('train').scrollIntoView({ behavior: 'instant' }));
    await lab.page.evaluate(() => window.lab.train({ epochs: 1 }).then(() => {}));
    return await measureDrags(browser, lab, { visited: PANELS, panels });
  } finally {
    await browser.close();
    await site.close();
  }
}

/**
 * Measures the built page in a real Chromium during training: each panel in view, the same page hidden, and the
 * engine alone on an otherwise empty page, in turn; ten epochs from the click to the end; and the notebook's loop in
 * PyTorch. Another `network` than the notebook's is measured against the hidden page only. With `compares`, an earlier run
 * is compared with the one in training.
 */
export async function measureLived({
  quick = false,
  only,
  network,
  compares = false,
  log,
  rounds = quick ? 1 : ROUNDS,
}) {
  const site = await serve({ root: '.', outDir: 'dist' });
  await build({ ...enginePage, build: { outDir: `../../../${ENGINE_PAGE}`, emptyOutDir: true } });
  const engineSite = await serve({ ...enginePage, outDir: `../../../${ENGINE_PAGE}` });
  const browser = await startChromium();
  try {
    const lab = await openLab(browser, site.url, { network, compares });
    const engine = await browser.newPage(engineSite.url);
    await until(engine, () => window.timeEngine !== undefined);
    const steps = Math.ceil((quick ? STEPS.quick : STEPS.full) / (SLOWER[network] ?? 1));
    const places = [...(network ? [] : ['engine']), 'hidden', ...(only ?? PANELS)];
    const measured = Object.fromEntries(places.map((place) => [place, []]));
    for (let round = 0; round < rounds; round++) {
      // Reverse the order in every second round, so that a drift of the machine's speed favors none.
      for (const place of round % 2 ? [...places].reverse() : places) {
        const values =
          place === 'engine'
            ? await timeEngine(browser, lab, engine, steps)
            : await timePlace(browser, lab, engine, place, steps);
        measured[place].push(values);
        log?.(place, JSON.stringify(values));
      }
    }
    const state = await lab.page.evaluate(() => window.lab.state.engine);
    const longRun = await timeEpochs(browser, lab, quick);
    return {
      measured,
      rounds,
      engine: state,
      longRun,
      drags: await measureDrags(browser, lab, { visited: PANELS }),
    };
  } finally {
    await browser.close();
    await site.close();
    await engineSite.close();
  }
}

const enginePage = {
  root: 'tests/bench/page',
  configFile: false,
  logLevel: 'error',
  base: './',
  worker: { format: 'es' },
};

async function serve({ outDir, ...settings }) {
  const server = await preview({
    ...settings,
    logLevel: 'error',
    build: { outDir },
    preview: { port: 0, host: '127.0.0.1', headers: ISOLATION },
  });
  return { url: server.resolvedUrls.local[0], close: () => server.close() };
}

async function openLab(browser, url, { network, compares }) {
  const page = await browser.newPage(url);
  await until(page, () => window.lab !== undefined);
  await page.evaluate(() => window.lab.ready);
  if (network) await page.evaluate((network) => window.lab.reset({ network }), network);
  // The first training run loads everything that the page loads only once.
  await page.evaluate(() => window.lab.train({ seed: 111, maxSteps: 150 }).then(() => {}));
  if (compares) await compareFirstRun(page);
  await page.evaluate(defineTraining);
  return { page, ...(await findProcesses(browser)) };
}

/** Begins another run, and compares the first with it, by the page's own buttons. */
async function compareFirstRun(page) {
  await page.evaluate(() => window.lab.reset({ seed: 112 }));
  for (const name of ['Runs', 'Compare', 'Close Runs']) {
    await until(
      page,
      (name) => {
        const named = (button) => (button.getAttribute('aria-label') ?? button.textContent.trim()) === name;
        const button = [...document.querySelectorAll('button')].find(named);
        button?.click();
        return button !== undefined;
      },
      name,
    );
  }
}

/** Gives the page a function that trains without evaluating the test set in between, and tells the milliseconds a step. */
function defineTraining() {
  window.benchTrain = async (steps) => {
    // An order of the caller's has no evaluation at its end, as the engine alone has none.
    const order = Int32Array.from({ length: 64 * steps }, (_, i) => (7919 * i) % 60_000);
    const { seconds, steps: made } = await window.lab.train({ order });
    return (1000 * seconds) / made;
  };
}

/** Milliseconds per step of the engine on an otherwise empty page, with the lab's number of workers. */
async function timeEngine(browser, lab, engine, steps) {
  const workers = await lab.page.evaluate(() => window.lab.state.engine.workers ?? 1);
  await browser.activate(engine.targetId);
  return {
    step: await engine.evaluate((workers, steps) => window.timeEngine(workers, steps), workers, steps),
  };
}

async function timePlace(browser, { page, renderer, gpu }, engine, place, steps) {
  await browser.activate(place === 'hidden' ? engine.targetId : page.targetId);
  await page.evaluate(
    async (place, warmUp) => {
      const panel = document.getElementById(place === 'hidden' ? 'train' : place);
      panel.scrollIntoView({ block: 'start', behavior: 'instant' });
      await window.lab.reset({ seed: 111 });
      await window.benchTrain(warmUp);
    },
    place,
    WARM_UP,
  );
  const before = cpuSeconds(renderer, gpu);
  const began = performance.now();
  const step = await page.evaluate((steps) => window.benchTrain(steps), steps);
  const seconds = (performance.now() - began) / 1000;
  const shares = sharesBetween(before, cpuSeconds(renderer, gpu), seconds);
  if (place === 'hidden') return { step, ...shares };
  const traced = await traceMainThread(browser, renderer, () =>
    page.evaluate((steps) => window.benchTrain(steps), Math.ceil(steps / 2)),
  );
  return { step, ...shares, ...traced };
}

/** Seconds from a click on Train to the end of this many epochs, with Train in view. */
async function timeEpochs(browser, { page }, quick) {
  const epochs = quick ? 1 : EPOCHS;
  await browser.activate(page.targetId);
  await page.evaluate(async (epochs) => {
    await window.lab.reset({ seed: 111 });
    document.getElementById('train').scrollIntoView({ block: 'start', behavior: 'instant' });
    const field = [...document.querySelectorAll('#train input')].find((input) =>
      input.labels?.[0]?.textContent.startsWith('Epochs'),
    );
    if (!field) throw new Error('expected a field "Epochs" in the Train panel');
    field.focus();
    const write = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
    write.call(field, String(epochs));
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new Event('change', { bubbles: true }));
    field.blur();
  }, epochs);
  await page.evaluate(() => {
    const all = [...document.querySelectorAll('#header button')];
    all.find((one) => one.textContent.trim() === 'Train').id = 'bench-train';
  });
  const began = performance.now();
  await page.click('#bench-train');
  await until(
    page,
    (epochs) => window.lab.state.epoch >= epochs && window.lab.state.status === 'idle',
    epochs,
  );
  const seconds = (performance.now() - began) / 1000;
  const accuracy = await page.evaluate(() => window.lab.state.metrics.testAccuracy);
  return { epochs, seconds, accuracy };
}

/** The notebook's loop in PyTorch; undefined if there is no Python with torch. */
export function timeTorch(threads, batches) {
  for (const python of ['python3', '/usr/bin/python3']) {
    const { status, stdout } = spawnSync(
      python,
      ['tests/bench/torchEpoch.py', 'public/mnist', String(threads), ...(batches ? [String(batches)] : [])],
      { encoding: 'utf8' },
    );
    if (status === 0) return JSON.parse(stdout);
  }
  return undefined;
}
