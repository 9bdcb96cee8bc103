import type { Page } from '@playwright/test';
import type { LabSummary } from '../../src/lab/script/labApi.ts';
import type { LogEntry } from '../../src/ml/training/log.ts';
import { weightsOf } from '../page/runBits.ts';
import { type MadeRun, ShownRun } from './shownRun.ts';
import { within } from './within.ts';

declare global {
  interface Window {
    /** The last training that the session began on this page. */
    soak?: Training;
  }
}

interface Training {
  asked: number;
  done: boolean;
  steps?: number;
  /** Whether the run's losses are those on the page. */
  same?: boolean;
  error?: string;
}

/** The page's view of a run at one time. */
export interface PageState extends Pick<LabSummary, 'status' | 'step' | 'problems'> {
  engine?: string;
  length: number;
  snapshots: number[];
}

/** The content of IndexedDB, independent of the page. */
export interface Stored {
  id: string;
  step: number;
  changed: number;
  left: boolean;
  deleted: boolean;
  log: LogEntry[];
}

/** Steps of one training; a software GPU takes long for each. */
const MOST_STEPS_ON_GPU = 4;
/** A call that takes this long hangs, even on a busy machine. */
const LONGEST = 150;
/** Maximum number of steps of runs that an undisturbed page repeats. */
const MOST_STEPS_AGAIN = 400;
const FAILURES = /could not be reopened|no longer saved|can’t be saved in this browser|storage is full/;

/** A page in use, with everything that the page has shown, to which every check compares the page. */
export class Session {
  /** A line for each error. */
  readonly wrong: string[] = [];
  readonly counts = { steps: 0, reloads: 0, workerKills: 0, deviceLosses: 0, goneBack: 0 };
  /** Finished runs that an undisturbed page will repeat. */
  readonly made: MadeRun[] = [];
  run = new ShownRun();
  readonly #kept = new Map<string, ShownRun>();
  #interrupted = false;
  readonly page: Page;
  /** The current action, for messages. */
  doing = 'arrival';

  constructor(page: Page) {
    this.page = page;
  }

  report(what: string): void {
    this.wrong.push(`${this.doing}: ${what}`);
  }

  /** Rejects work that hangs. */
  do<Result>(work: Promise<Result>): Promise<Result> {
    return within(LONGEST, this.doing, work);
  }

  /** Reads the page and compares everything shown with everything shown before. */
  async check({ whole = false } = {}): Promise<PageState> {
    const first = whole ? 0 : Math.max(0, this.run.length - 200);
    const { losses, ...state } = await this.do(
      this.page.evaluate((first) => {
        const { status, step, engine, history, problems } = window.lab.state;
        const { length } = history.losses;
        const losses = [...new Uint32Array(history.losses.slice(first).buffer)];
        const snapshots = window.lab.snapshots().map((snapshot) => snapshot.step);
        return { status, step, problems, engine: engine?.id, length, losses, snapshots };
      }, first),
    );
    const before = this.run.length;
    if (this.run.recorded) return state;
    const other = this.run.see(first, losses);
    this.counts.steps += this.run.length - before;
    if (other !== undefined) this.report(`the loss of step ${other} is not what was shown before`);
    if (state.status === 'idle') {
      if (state.length !== state.step)
        this.report(`at rest at step ${state.step} with ${state.length} losses`);
      if (state.step >= this.run.length) this.run.wentBack = false;
      else if (!this.run.wentBack) {
        this.report(`${this.run.length - state.step} of ${this.run.length} steps that were shown are gone`);
        this.run.wentBack = true;
      }
    }
    if (state.snapshots.some((step, i) => i > 0 && step <= state.snapshots[i - 1])) {
      this.report(`snapshots out of order: ${state.snapshots}`);
    }
    for (const problem of state.problems.filter((text) => FAILURES.test(text))) this.report(problem);
    return state;
  }

  /** Begins a training in the background of later actions, unless another one is in progress. */
  async train(maxSteps: number): Promise<string> {
    if (await this.#underWay()) {
      const answer = await this.do(
        this.page.evaluate(() =>
          window.lab.train({ maxSteps: 1 }).then(
            ({ steps }) => `made ${steps}`,
            (error) => String(error),
          ),
        ),
      );
      if (!/is already training|made 1$/.test(answer)) this.report(`a second training: ${answer}`);
      return `a second one: ${answer}`;
    }
    await this.settle();
    if (this.run.recorded) await this.begin(new ShownRun());
    this.#interrupted = false;
    const asked = await this.do(
      this.page.evaluate(
        async ([maxSteps, most]) => {
          const { lab } = window;
          const { step, engine } = lab.state;
          const asked = engine?.id === 'webgpu' ? Math.min(maxSteps, most) : maxSteps;
          const training: Training = { asked, done: false };
          window.soak = training;
          void lab.train({ maxSteps: asked }).then(
            ({ steps, losses }) => {
              const shown = lab.state.history.losses;
              // A run that is only viewed starts over.
              const first = shown.length < step ? 0 : step;
              const same = losses.every((loss, i) => Object.is(loss, shown[first + i]));
              Object.assign(training, { done: true, steps, same });
            },
            (error) => Object.assign(training, { done: true, error: String(error) }),
          );
          while (!training.done && lab.state.status === 'idle') {
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
          return asked;
        },
        [maxSteps, MOST_STEPS_ON_GPU],
      ),
    );
    return `${asked} steps`;
  }

  /** Waits for the end of training, and checks that all requested steps were made. */
  async settle(): Promise<void> {
    const training = await this.do(
      this.page.evaluate(async () => {
        const { soak, lab } = window;
        while (soak && !soak.done) {
          if (lab.state.status === 'paused') await lab.resume();
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        window.soak = undefined;
        return soak;
      }),
    );
    if (!training) return;
    const { asked, steps, same, error } = training;
    if (error) this.report(`training failed: ${error}`);
    else if (!this.#interrupted) {
      if (steps !== asked) this.report(`training made ${steps} of ${asked} steps`);
      if (!same) this.report('training gave other losses than the page shows');
    }
  }

  /** The current training will end before its last step. */
  interrupt(): void {
    this.#interrupted = true;
  }

  #underWay(): Promise<boolean> {
    return this.do(this.page.evaluate(() => window.soak?.done === false));
  }

  /** Lets a run that a crash set back show the same steps again. */
  async catchUp(): Promise<void> {
    if (this.run.recorded) return;
    await this.do(
      this.page.evaluate(async (target) => {
        const { lab } = window;
        while (lab.state.step < target) {
          if (window.soak?.done === false) {
            if (lab.state.status === 'paused') await lab.resume();
            await new Promise((resolve) => setTimeout(resolve, 20));
          } else {
            await lab.train({ maxSteps: target - lab.state.step });
          }
        }
      }, this.run.length),
    );
    await this.check({ whole: true });
  }

  /** Records the state of the run before an action that ends it. */
  async leave({ again = false } = {}): Promise<void> {
    if (again) {
      this.interrupt();
      await this.do(this.page.evaluate(() => window.lab.stop()));
    }
    await this.check({ whole: true });
    await this.identify();
    this.interrupt();
    const { run } = this;
    if (!again || !run.id || !run.replayable || run.wentBack || run.length > MOST_STEPS_AGAIN) return;
    const stored = (await this.stored()).find(({ id }) => id === run.id);
    if (!stored || stored.step !== run.length) return;
    this.made.push({ log: stored.log, losses: [...run.losses], weights: await weightsOf(this.page) });
  }

  /**
   * Another run is on the page. Call after the page has left the old run: a run that is left before its first checkpoint
   * was written is saved only then.
   */
  async begin(run: ShownRun): Promise<void> {
    if (!this.run.id && !this.run.recorded) {
      await this.#written();
      const unknown = this.#unknown(await this.stored());
      this.#name(unknown.filter(({ left }) => left));
    }
    this.run = run;
  }

  /** The data that the page has shown of a saved run. */
  shownOf(id: string): ShownRun | undefined {
    return this.#kept.get(id);
  }

  /**
   * Finds the id of the page's saved run, the only unknown one. Waits until everything is written; a run in training may
   * have no checkpoint yet.
   */
  async identify(): Promise<void> {
    await this.#written();
    this.nameNew(await this.stored());
  }

  /** The only stored run that is not known yet is the page's, and the page has not left it. */
  nameNew(stored: readonly Stored[]): void {
    const unknown = this.#unknown(stored);
    for (const { id, step } of unknown.filter(({ left }) => left))
      this.report(`run ${id} was left at step ${step}, and was never on the page`);
    this.#name(unknown.filter(({ left }) => !left));
    this.forgetNew(unknown);
  }

  /** Names the session's run after the only unknown one. */
  #name(unknown: readonly Stored[]): void {
    if (unknown.length === 0) return;
    const isNamed = this.run.id !== undefined || this.run.recorded;
    if (isNamed || unknown.length > 1) {
      const made = isNamed ? 'no new one' : 'one';
      this.report(`${unknown.length} runs were kept where ${made} was made`);
    }
    if (!isNamed) {
      const [newest] = unknown.toSorted((a, b) => b.changed - a.changed);
      this.run.id = newest.id;
      this.#kept.set(newest.id, this.run);
    }
    this.forgetNew(unknown);
  }

  #unknown(stored: readonly Stored[]): Stored[] {
    return stored.filter(({ id, deleted }) => !deleted && !this.#kept.has(id));
  }

  async #written(): Promise<void> {
    await this.do(this.page.evaluate(() => window.lab.runs()));
  }

  /** Runs that the session has not seen. */
  forgetNew(stored: readonly Stored[]): void {
    for (const { id } of stored)
      if (!this.#kept.has(id)) this.#kept.set(id, new ShownRun({ replayable: false }));
  }

  /** The saved runs, read directly from IndexedDB. */
  stored(): Promise<Stored[]> {
    return this.do(
      this.page.evaluate(
        () =>
          new Promise<Stored[]>((resolve, reject) => {
            const opening = indexedDB.open('untangle');
            opening.onerror = () => reject(opening.error);
            opening.onsuccess = () => {
              const db = opening.result;
              const reading = db.transaction('runs').objectStore('runs').getAll();
              reading.onerror = () => reject(reading.error);
              reading.onsuccess = () => {
                db.close();
                resolve(
                  reading.result.map(({ id, step, changed, left, deleted, log }: Stored) => {
                    return { id, step, changed, left, deleted, log };
                  }),
                );
              };
            };
          }),
      ),
    );
  }
}
