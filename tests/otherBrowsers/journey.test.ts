import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium } from '../../scripts/findChromium.mjs';
import { png, sevenOnPaper } from '../page/pictures.ts';
import { type Site, serveSite } from '../page/site.ts';
import { startChromium } from './chromium.ts';
import type { BrowserName, DrivenBrowser } from './driven.ts';
import { agree, type Figures } from './figures.ts';
import { findFirefox, startFirefox } from './firefox.ts';
import { listeningCopy } from './listeningSite.ts';
import { dropPicture, placeOf, seesText, settledStep, standing, untilPage } from './page.ts';
import { epochInNode } from './referenceEpoch.ts';
import { startWebKit, webkitMissing } from './webkit.ts';
import { stepsOffline } from './webkitOffline.ts';

const ENGINES: { name: BrowserName; start(): Promise<DrivenBrowser>; missing: string | undefined }[] = [
  { name: 'chromium', start: startChromium, missing: findChromium() ? undefined : 'Chromium' },
  { name: 'firefox', start: startFirefox, missing: findFirefox() ? undefined : 'Firefox' },
  { name: 'webkit', start: startWebKit, missing: webkitMissing() },
];
/** Engines to test, such as `BROWSERS=firefox,webkit`; by default all. */
const wanted = process.env.BROWSERS?.split(',');
/** `JOURNEY=short`: test only that the page arrives, shows the panel that a link names, and trains. */
const short = process.env.JOURNEY === 'short';
const whole = (name: string, work: () => Promise<void>) => (short ? undefined : test(name, work));

/** Hashes of the weights after the epoch, by arithmetic. */
const epochs = new Map<string, string[]>();
/** Milliseconds; an epoch takes 5 to 15 s on an otherwise idle machine. */
const LONGEST_EPOCH = 240_000;
const found = new Map<BrowserName, Figures>();

/** One browser's journey through the page. Its tests continue from one another. */
interface Journey {
  name: BrowserName;
  readonly browser: DrivenBrowser;
  readonly site: Site;
  /** What this browser computes, to be compared with the other browsers. */
  figures: Figures;
}

for (const { name, start, missing } of ENGINES) {
  // Every browser test runs in Chromium, so the short journey omits it.
  if (wanted ? !wanted.includes(name) : short && name === 'chromium') continue;
  describe.skipIf(missing !== undefined)(missing ? `${name} (not installed: ${missing})` : name, () => {
    let browser: DrivenBrowser;
    let site: Site;
    let copy = '';
    const journey: Journey = {
      name,
      get browser() {
        return browser;
      },
      get site() {
        return site;
      },
      figures: {},
    };

    beforeAll(async () => {
      copy = listeningCopy();
      site = await serveSite({ root: copy });
      browser = await start();
      await browser.resize(1440, 1000);
    });
    afterAll(async () => {
      await browser?.close();
      await site?.close();
      if (copy) rmSync(copy, { recursive: true, force: true });
    });

    testTraining(journey);
    testPictures(journey);
    testSharing(journey);
    testOffline(journey);

    test('reports no console errors, and gets the same figures as the others', async () => {
      expect(await browser.errors()).toEqual([]);
      const { figures } = journey;
      found.set(name, figures);
      for (const [other, theirs] of found) agree({ name, figures }, { name: other, figures: theirs });
    });
  });
}

function testTraining(journey: Journey): void {
  const { name, figures } = journey;

  test('arrives with the recorded run', async () => {
    const { browser } = journey;
    await browser.open(journey.site.url);
    // Read the page, not window.lab: a script that asks for the lab gets a new network instead of the recorded run.
    await seesText(browser, 'header', /9,370[\s\S]*98\.05/);
    await browser.evaluate(async () => window.lab.ready);
  });

  whole('trains an epoch of seed 111 to a test accuracy of .9729', async () => {
    const { browser } = journey;
    const asked = Date.now();
    await browser.evaluate(() => {
      void window.lab.train({ engine: 'wasm', seed: 111, epochs: 1 });
    });
    // Until training begins, the page still shows the recorded run's last step.
    await untilPage(browser, () => window.lab.state.status === 'training');
    // On a busy machine, an epoch can take longer than a WebDriver script may run.
    while ((await standing(browser)).step < 937) {
      if (Date.now() - asked > LONGEST_EPOCH) {
        throw new Error(`${name}: expected 937 steps, found ${(await standing(browser)).step}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await untilPage(browser, () => window.lab.state.status === 'idle');
    const run = await browser.evaluate(async () => {
      const { epochs } = window.lab.state.history;
      const parameters = await window.lab.parameters();
      const names = Object.keys(parameters).sort();
      const bytes = new Blob(names.map((key) => parameters[key].slice()));
      const hash = await crypto.subtle.digest('SHA-256', await bytes.arrayBuffer());
      return {
        testAccuracy: epochs[0].testAccuracy,
        testLoss: epochs[0].testLoss,
        arithmetic: window.lab.state.engine?.description,
        weights: [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
        millisecondsPerStep: (1000 * epochs[0].seconds) / 937,
      };
    });
    console.log(`${name}: ${run.arithmetic}, ${run.millisecondsPerStep.toFixed(1)} ms a step with the page`);
    expect(run.testAccuracy).toBeCloseTo(0.9729, 6);
    figures.testLoss = run.testLoss;
    // Bit-identical to Node's if the arithmetic is the same.
    const arithmetic = /fused/.test(run.arithmetic ?? '') ? 'fused' : 'plain';
    const inNode = await epochInNode(arithmetic);
    if (inNode) expect(run.weights).toBe(inNode);
    for (const other of epochs.get(arithmetic) ?? []) expect(run.weights).toBe(other);
    epochs.set(arithmetic, [...(epochs.get(arithmetic) ?? []), run.weights]);
  });

  whole('pauses, steps and goes on by its buttons', async () => {
    const { browser } = journey;
    const before = await browser.evaluate(() => window.lab.state.step);
    await press(browser, 'header', 'Train more');
    await untilPage(browser, (from) => window.lab.state.step > from, before);
    await press(browser, 'header', 'Pause');
    await untilPage(browser, () => window.lab.state.status === 'paused');
    const step = await settledStep(browser);
    await press(browser, 'header', 'Step');
    await untilPage(browser, (from) => window.lab.state.step === from + 1, step);
    await browser.evaluate(() => window.lab.stop());
  });

  whole('goes on after a reload', async () => {
    const { browser } = journey;
    const { step } = await standing(browser);
    // The paused run's checkpoint is written in the background.
    await untilPage(browser, async (rest) => (await window.lab.runs())[0]?.step === rest, step);
    await browser.reload();
    await seesText(browser, 'header', new RegExp(step.toLocaleString('en-US')));
    await untilPage(browser, (rest) => window.lab.state.step === rest, step);
    await browser.evaluate(() => window.lab.step(2));
    expect((await standing(browser)).step).toBe(step + 2);
  });

  whole('scrubs by mouse and keyboard', async () => {
    const { browser } = journey;
    const bar = await placeOf(browser, '[role=slider][aria-label="Moment of the run"]');
    const y = bar.y + bar.height / 2;
    const at = (share: number): [number, number] => [bar.x + share * bar.width, y];
    await browser.drag([at(0.9), at(0.7), at(0.5), at(0.4)]);
    const dragged = await momentShown(browser);
    expect(dragged).toBeGreaterThan(0);
    expect(dragged).toBeLessThan(937);
    await browser.press('ArrowLeft');
    await untilPage(
      browser,
      (before) =>
        Number(document.querySelector('[aria-label="Moment of the run"]')?.getAttribute('aria-valuenow')) <
        before,
      dragged,
    );
    await browser.evaluate(() => window.lab.seek(937));
    await untilPage(
      browser,
      () =>
        document.querySelector('[aria-label="Moment of the run"]')?.getAttribute('aria-valuenow') === '937',
    );
  });
}

function testPictures(journey: Journey): void {
  const { name, figures } = journey;

  whole('reads a picture that is dropped', async () => {
    const { browser } = journey;
    await browser.evaluate(() => document.getElementById('activations')?.scrollIntoView());
    await dropPicture(browser, '#activations', png(sevenOnPaper()), 'seven.png');
    await untilPage(
      browser,
      () => window.lab.opened()?.name === 'seven.png' && window.lab.opened()?.activations?.step === 937,
    );
    const read = await browser.evaluate(() => {
      const opened = window.lab.opened();
      return {
        prediction: opened?.activations?.prediction,
        ink: opened?.pixels.reduce((sum, value) => sum + value, 0),
      };
    });
    expect(read.prediction).toBe(7);
    figures.ink = read.ink ?? Number.NaN;
  });

  // A driver cannot choose or drop a folder: WebDriver sets files only.
  whole('reads pictures in class folders from an archive, and has a picker for folders', async () => {
    const { browser } = journey;
    const archive = resolve('tests/fixtures/data/folders.zip');
    const files = '[aria-label="Choose files of images"]';
    await untilPage(browser, (input) => document.querySelector(input) !== null, files);
    await browser.chooseFile(files, archive);
    await seesText(browser, 'dialog[open]', /13 color images of 8 × 10 pixels in 3 classes/);
    await press(browser, 'dialog[open]', 'Cancel');
    await untilPage(browser, () => document.querySelector('dialog[open]') === null);
    const folders = '[aria-label="Choose a folder of images"]';
    expect(
      await browser.evaluate((input) => {
        const element = document.querySelector(input);
        return element instanceof HTMLInputElement && element.webkitdirectory;
      }, folders),
    ).toBe(true);
  });

  whole('reads a digit that is drawn', async () => {
    const { browser } = journey;
    await browser.evaluate(() => document.getElementById('activations')?.scrollIntoView());
    const pad = await placeOf(browser, '#activations [aria-label*="Draw here"]');
    const at = (x: number, y: number): [number, number] => [pad.x + x * pad.width, pad.y + y * pad.height];
    await browser.drag([at(0.5, 0.15), at(0.5, 0.3), at(0.5, 0.5), at(0.5, 0.7), at(0.5, 0.85)]);
    await untilPage(browser, () => window.lab.opened()?.activations?.prediction === 1);
  });

  whole('follows a finger on the timeline, the drawing pad and a slider', async () => {
    const { browser } = journey;
    const bar = await placeOf(browser, '[role=slider][aria-label="Moment of the run"]');
    const along = (share: number): [number, number] => [bar.x + share * bar.width, bar.y + bar.height / 2];
    await browser.touch([along(0.9), along(0.7), along(0.5), along(0.4)]);
    const scrubbed = await momentShown(browser);
    expect(scrubbed).toBeGreaterThan(0);
    expect(scrubbed).toBeLessThan(937);
    await browser.evaluate(() => window.lab.seek(937));

    const before = await browser.evaluate(() => String(window.lab.opened()?.pixels));
    const pad = await placeOf(browser, '#activations [aria-label*="Draw here"]');
    const at = (x: number, y: number): [number, number] => [pad.x + x * pad.width, pad.y + y * pad.height];
    await browser.touch([at(0.2, 0.85), at(0.4, 0.85), at(0.6, 0.85), at(0.8, 0.85)]);
    await untilPage(browser, (before) => String(window.lab.opened()?.pixels) !== before, before);

    // A browser's own slider follows no events of a script.
    if (name === 'webkit') return;
    const slider = '#adversarial input[type=range]';
    await browser.evaluate(() => document.getElementById('adversarial')?.scrollIntoView());
    await placeOf(browser, slider);
    await browser.evaluate(
      (slider) => document.querySelector(slider)?.scrollIntoView({ block: 'center' }),
      slider,
    );
    const { x, y, width, height } = await placeOf(browser, slider);
    const on = (share: number): [number, number] => [x + share * width, y + height / 2];
    await browser.touch([on(0.3), on(0.5), on(0.8)]);
    await untilPage(
      browser,
      (slider) => Number(document.querySelector<HTMLInputElement>(slider)?.value) > 0.3,
      slider,
    );
  });
}

function testSharing(journey: Journey): void {
  whole('finds the spectrum, the geometry, a metamer and adversarial examples', async () => {
    const { browser } = journey;
    Object.assign(
      journey.figures,
      await browser.evaluate(async () => {
        const spectrum = await window.lab.spectrum({ layer: 'relu', at: 937 });
        const { fc } = await window.lab.geometry({
          layers: ['fc'],
          at: 937,
          resamples: 0,
          samples: 50,
          examplesPerClass: 20,
        });
        const attack = await window.lab.attack({
          method: 'fgsm',
          epsilon: 0.1,
          split: 'test',
          indices: Array.from({ length: 500 }, (_, i) => i),
          at: 937,
        });
        const metamer = await window.lab.metamer({
          image: { split: 'test', index: 0 },
          layer: 'relu',
          iterations: 60,
          learningRate: 0.1,
          at: 937,
        });
        return {
          singularValue: spectrum.singularValues[0],
          capacity: fc.capacity,
          dimension: fc.dimension,
          attacked: attack.correct,
          metamerLoss: metamer.loss,
          metamerReadAs: metamer.prediction,
        };
      }),
    );
  });

  whole('exports a run and opens it again', async () => {
    const { browser } = journey;
    const { before, after } = await browser.evaluate(async () => {
      const before = window.lab.state.step;
      const file = await window.lab.export('run');
      await window.lab.reset({ seed: 5 });
      await window.lab.import(file);
      return { before, after: window.lab.state.step };
    });
    expect(after).toBe(before);
  });

  whole('shares a link that sets a lab up', async () => {
    const { browser } = journey;
    await browser.evaluate(() => window.lab.reset({ seed: 7 }));
    await press(browser, 'header', 'Share');
    await untilPage(browser, () =>
      /seed=7/.test(document.querySelector('dialog[open], [role=dialog]')?.outerHTML ?? ''),
    );
    const link = await browser.evaluate(() => window.lab.share());
    expect(link).toContain('seed=7');
    await browser.press('Escape');
    await browser.open(link);
    await untilPage(browser, () => window.lab?.state.settings.seed === 7);
  });

  test('shows the recorded run in the panel that a link names', async () => {
    const { browser } = journey;
    // A change of only the fragment would not load the page. Another file of the site keeps the process in which Firefox runs
    // the service worker: at about:blank the process ends, and Firefox 153 has then failed to load the page.
    await browser.open(`${journey.site.url}icon.svg`);
    await browser.open(`${journey.site.url}#v=1&panel=activations&run=recorded`);
    await seesText(browser, 'header', /9,370/);
    await seesText(browser, '#activations', /at step 9,370/);
    // Once the panels above have grown.
    await untilPage(browser, () => {
      const [panel, header] = ['#activations', 'header'].map((part) => document.querySelector(part));
      const between =
        (panel?.getBoundingClientRect().top ?? Number.NaN) - (header?.getBoundingClientRect().bottom ?? 0);
      return document.querySelector('#confusion table') !== null && between > -10 && between < 60;
    });
    await browser.evaluate(() => document.getElementById('filters')?.scrollIntoView());
    await seesText(browser, '#filters', /at step 9,370/);
    expect(await browser.evaluate(() => document.body.innerText.match(/Expected [^.]*found[^.]*/)?.[0])).toBe(
      undefined,
    );
  });
}

function testOffline(journey: Journey): void {
  whole('works offline after the first visit', async () => {
    const { browser } = journey;
    await browser.open(journey.site.url);
    await untilPage(browser, () => navigator.serviceWorker.controller !== null);
    // The network ends after a complete visit, not while the page is still loading.
    await untilPage(browser, () => window.lab !== undefined);
    await browser.evaluate(() => window.lab.ready);
    await journey.site.close();
    // Do not reload, because WebDriver's reload bypasses the service worker in Firefox.
    await browser.open(journey.site.url);
    await untilPage(browser, () => window.lab !== undefined);
    // A driven WebKit is a private window, which forgets the images as soon as the worker that stored them has ended.
    if (journey.name === 'webkit') return;
    await browser.evaluate(async () => {
      await window.lab.ready;
      await window.lab.train({ engine: 'wasm', seed: 111, maxSteps: 3 });
    });
    expect((await standing(browser)).step).toBe(3);
  });

  if (journey.name === 'webkit') {
    whole('works offline where a window is not private', async () => {
      expect(await stepsOffline()).toEqual({ step: 3, isIsolated: true, errors: [] });
    });
  }
}

async function press(browser: DrivenBrowser, area: string, label: string): Promise<void> {
  const place = await placeOf(browser, `${area} button`, label);
  await browser.click(place.x + place.width / 2, place.y + place.height / 2);
}

async function momentShown(browser: DrivenBrowser): Promise<number> {
  return browser.evaluate(() =>
    Number(document.querySelector('[aria-label="Moment of the run"]')?.getAttribute('aria-valuenow')),
  );
}
