import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import type { Browser } from '@playwright/test';
import { CONTEXT } from '../page/context.ts';
import { openLab } from '../page/fixtures.ts';
import { visitPanels } from '../page/panels.ts';
import type { Site } from '../page/site.ts';
import type { Action } from './action.ts';
import { ACTIONS, ACTIONS_WITH_RELOADS } from './actions.ts';
import { Chance } from './chance.ts';
import { judge } from './judge.ts';
import { MemoryMeter, type MemorySample, memoryExcess, memoryText } from './memory.ts';
import { Session } from './session.ts';
import { ShownRun } from './shownRun.ts';
import { HangError } from './within.ts';

/** A cycle of this many actions: some with reloads, then a stretch without, whose memory is sampled regularly. */
const CYCLE = 240;
const WITH_RELOADS = 40;
const MEASURE_EVERY = 20;
/** Share of the time reserved for repeating runs on an undisturbed page. */
const JUDGE_SECONDS = 20;
const MOST_UNJUDGED = 20;

export interface SoakOptions {
  browser: Browser;
  site: Site;
  /** The same seed performs the same actions in the same order, for any duration. */
  seed: number;
  minutes: number;
  say(line: string): void;
}

/** Uses one page at random; returns a line for each error. */
export async function soak({ browser, site, seed, minutes, say }: SoakOptions): Promise<string[]> {
  const started = performance.now();
  const passed = () => (performance.now() - started) / 1000;
  const path = `.cache/soak/seed-${seed}.log`;
  mkdirSync('.cache/soak', { recursive: true });
  writeFileSync(path, `seed ${seed}, ${minutes} minutes\n`);
  const log = (line: string) => appendFileSync(path, `${passed().toFixed(1)} ${line}\n`);
  say(`soak: seed ${seed}, ${minutes} minutes; its actions are written to ${path}`);

  const context = await browser.newContext(CONTEXT);
  const page = await context.newPage();
  const session = new Session(page);
  const done = new Map<string, number>();
  const samples: MemorySample[] = [];
  let lasting: MemorySample[] = [];
  let judged = 0;
  let number = 0;
  let over = false;
  const note = (what: string) => {
    session.report(what);
    log(`WRONG ${what}`);
  };
  page.on('console', (message) => {
    if (message.type() === 'error') note(`console: ${message.text()}`);
  });
  // Collects uncaught exceptions and unhandled rejections of the page and its workers.
  page.on('pageerror', (error) => note(`uncaught: ${error.stack ?? error}`));
  page.on('crash', () => {
    over = true;
    note('the page crashed');
  });
  const tell = () => {
    const { steps, reloads, workerKills, deviceLosses } = session.counts;
    const memory = samples.length > 0 ? memoryText(samples[samples.length - 1]) : 'memory not measured yet';
    say(
      `minute ${(passed() / 60).toFixed(1)}: ${number} actions, ${steps} steps, ${reloads} reloads, ${workerKills} worker kills, ${deviceLosses} device losses, ${memory}, ${session.wrong.length} wrong`,
    );
  };
  const minute = setInterval(tell, 60_000);

  try {
    await openLab(page, site);
    const meter = await MemoryMeter.of(page);
    while (!over && passed() < 60 * minutes - JUDGE_SECONDS) {
      const place = number % CYCLE;
      const lasts = place >= WITH_RELOADS;
      if (place === 0) lasting = [];
      if (lasts && place % MEASURE_EVERY === 0) await measure(meter);
      const chance = new Chance(seed, number);
      await act(chance.weighted(lasts ? ACTIONS : ACTIONS_WITH_RELOADS), chance);
      number++;
      if (session.made.length >= MOST_UNJUDGED) await judgeMade();
    }
    if (!over) await measure(meter);
  } catch (error) {
    note(`the session ended early: ${error}`);
  } finally {
    clearInterval(minute);
    await context.close();
  }
  await judgeMade();
  tell();
  report();
  return session.wrong;

  async function act(action: Action, chance: Chance): Promise<void> {
    session.doing = `${number} ${action.name}`;
    done.set(action.name, (done.get(action.name) ?? 0) + 1);
    const before = session.wrong.length;
    let text = '';
    try {
      text = await action(session, chance);
      const { status, step, engine } = await session.check();
      text += ` | ${status} at step ${step} on ${engine}`;
    } catch (error) {
      if (error instanceof HangError || page.isClosed()) throw error;
      session.report(String(error));
    }
    log(`${session.doing} ${text}`);
    for (const line of session.wrong.slice(before)) log(`WRONG ${line}`);
  }

  /** Always sample a new run at rest, so that samples are comparable. */
  async function measure(meter: MemoryMeter): Promise<void> {
    session.doing = `memory before ${number}`;
    // A panel that loads in the middle of the stretch is not a leak.
    if (lasting.length === 0) await session.do(visitPanels(page));
    await session.leave({ again: true });
    await session.do(
      page.evaluate(async () => {
        await window.lab.set({ attack: 'none', batchSize: 64, learningRate: 1e-3, speed: 'fastest' });
        await window.lab.reset({ seed: 111, engine: 'auto', network: { filters: 32, kernelSize: 3 } });
        await window.lab.runs();
        window.scrollTo({ top: 0, behavior: 'instant' });
        await new Promise((resolve) => setTimeout(resolve, 500));
      }),
    );
    await session.begin(new ShownRun());
    const sample = await session.do(meter.measure());
    log(`memory: ${memoryText(sample)}`);
    samples.push(sample);
    lasting.push(sample);
    if (number % CYCLE >= CYCLE - MEASURE_EVERY) judgeMemory();
  }

  function judgeMemory(): void {
    for (const line of memoryExcess(lasting)) {
      session.wrong.push(line);
      log(`WRONG ${line}`);
    }
    lasting = [];
  }

  async function judgeMade(): Promise<void> {
    const runs = session.made.splice(0);
    judged += runs.length;
    session.doing = 'judge';
    try {
      for (const line of await judge(browser, site, runs)) {
        session.wrong.push(line);
        log(`WRONG ${line}`);
      }
    } catch (error) {
      note(String(error));
    }
  }

  function report(): void {
    const { goneBack } = session.counts;
    if (lasting.length > 0) judgeMemory();
    say([...done].map(([name, count]) => `${name} ${count}`).join(', '));
    say(
      `${judged} runs made again undisturbed; a crash went back by at most ${goneBack} steps, which were shown again`,
    );
    if (samples.length > 0) {
      const of = (quantity: keyof MemorySample) => samples.map((sample) => sample[quantity]).join(' ');
      say(`at rest: heap ${of('heap')} MB; buffers ${of('buffers')} MB; workers ${of('workers')}`);
    }
    for (const line of session.wrong) say(`wrong: ${line}`);
    say(`soak: seed ${seed}, ${number} actions in ${passed().toFixed(0)} s, ${session.wrong.length} wrong`);
  }
}
