import { afterEach, describe, expect, it } from 'vitest';
import { bitsOf, until, untilStep } from './bits.ts';
import { type BrowserProfile, createProfile, type Tab } from './browserProfile.ts';

let profile: BrowserProfile | undefined;
afterEach(() => profile?.closeAll());

function newProfile(): BrowserProfile {
  profile = createProfile();
  return profile;
}

/** Everything so far is written once the list has arrived. */
const keptSteps = async ({ api }: Tab) => (await api.runs()).map(({ name, step }) => [name, step]);

describe('a lab', () => {
  it('trains, pauses, steps, changes the rate and resets, and ends bit-identical to a run without a pause', async () => {
    const tab = await newProfile().open();
    const { api } = tab;
    const training = api.train({ maxSteps: 60 });
    await untilStep(tab, 5);
    await api.pause();
    // Manual steps: the first one follows the current chunk.
    await api.step(1);
    const { step, status } = api.state;
    expect(status).toBe('paused');
    await api.step(2);
    expect(api.state.step).toBe(step + 2);
    await api.resume();
    const { steps } = await training;
    expect(steps).toBe(60);
    await api.set({ learningRate: '5e-4 * 0.9^epoch' });
    await api.train({ maxSteps: 20 });
    const paused = await bitsOf(tab);
    expect(paused.losses).toHaveLength(80);
    expect(Math.max(...paused.losses.slice(-10))).toBeLessThan(paused.losses[0]);

    await api.reset({ seed: 5 });
    expect(api.state).toMatchObject({ step: 0, status: 'idle' });
    expect(api.state.history.losses).toHaveLength(0);
    await api.set({ learningRate: 1e-3 });
    await api.train({ maxSteps: 60 });
    await api.set({ learningRate: '5e-4 * 0.9^epoch' });
    await api.train({ maxSteps: 20 });
    expect(await bitsOf(tab)).toEqual(paused);
  });

  it('resumes automatically after its worker dies, twice, bit for bit', async () => {
    const tab = await newProfile().open();
    const { api } = tab;
    const training = api.train({ maxSteps: 120 });
    await untilStep(tab, 20);
    api.killWorker();
    await untilStep(tab, 50);
    api.killWorker();
    // The pause persists while another worker replaces the dead one.
    await api.pause();
    await until(tab, ({ status }) => status === 'paused');
    await api.resume();
    expect((await training).steps).toBe(120);
    const disturbed = await bitsOf(tab);
    await api.train({ seed: 5, maxSteps: 120 });
    expect(disturbed).toEqual(await bitsOf(tab));
  });

  it('reopens after a reload during a run, and continues bit for bit', async () => {
    const browser = newProfile();
    const before = await browser.open();
    void before.api.train({ maxSteps: 5000 }).catch(() => undefined);
    await untilStep(before, 30);
    // A manual step ends with a checkpoint; training continues after it, and the reload comes in the middle.
    await before.api.pause();
    await before.api.step(1);
    const [kept] = await before.api.runs();
    expect(kept.step).toBe(before.api.state.step);
    await before.api.resume();
    before.close();

    const after = await browser.open();
    const { status, step, problems } = after.api.state;
    expect(status).toBe('idle');
    expect(step).toBeGreaterThanOrEqual(kept.step);
    expect(problems.join()).toContain('exactly');
    expect(
      after.api
        .snapshots()
        .map(({ step }) => step)
        .slice(0, 3),
    ).toEqual([0, 1, 2]);
    await after.api.train({ maxSteps: 40 });
    const disturbed = await bitsOf(after);
    await after.api.train({ seed: 5, maxSteps: step + 40 });
    expect(disturbed).toEqual(await bitsOf(after));
  });

  it('deletes the oldest unpinned run when the disk is full, then reports it, and saves again when there is space', async () => {
    const browser = newProfile();
    const tab = await browser.open();
    const { api, lab } = tab;
    await api.train({ maxSteps: 4 });
    const [{ id, bytes }] = await api.runs();
    await lab.keep.pin(id, true);
    browser.quota = 2.5 * bytes;
    await api.train({ seed: 6, maxSteps: 4 });
    await api.train({ seed: 7, maxSteps: 4 });
    expect(await keptSteps(tab)).toEqual([
      ['Seed 7', 4],
      ['Seed 5', 4],
    ]);
    expect(api.state.problems).toEqual([]);

    await api.train({ maxSteps: 200 });
    await until(tab, ({ problems }) => problems.some(({ message }) => /full/.test(message)));
    expect(api.state.step).toBe(204);
    expect((await keptSteps(tab))[0][1]).toBeLessThan(204);
    browser.quota = Number.POSITIVE_INFINITY;
    await lab.keep.remove(id);
    await until(tab, ({ problems }) => problems.length === 0);
    expect(await keptSteps(tab)).toEqual([['Seed 7', 204]]);
  });

  it('does not touch another tab’s run', async () => {
    const browser = newProfile();
    const first = await browser.open();
    await first.api.train({ maxSteps: 10 });
    await first.api.runs();
    const second = await browser.open();
    expect(second.api.state.step).toBe(0);
    expect(second.api.state.problems.join()).toMatch(/another tab/i);
    await second.api.train({ seed: 6, maxSteps: 3 });
    const [{ id }] = (await second.api.runs()).filter(({ name }) => name === 'Seed 5');
    await expect(second.api.open(id)).rejects.toThrow(/tab/);
    second.close();
    await first.api.train({ maxSteps: 5 });
    expect((await keptSteps(first)).sort()).toEqual([
      ['Seed 5', 15],
      ['Seed 6', 3],
    ]);
  });

  it('exports a run that another lab opens, continues bit for bit, and compares', async () => {
    const first = await newProfile().open();
    await first.api.train({ maxSteps: 12 });
    const file = await first.api.export('run');
    await first.api.train({ maxSteps: 8 });
    const whole = await bitsOf(first);
    first.close();

    const second = await newProfile().open({ settings: { seed: 9 } });
    await second.api.train({ maxSteps: 6 });
    expect(await second.api.import(file)).toEqual({ kind: 'run', step: 12 });
    await second.api.train({ maxSteps: 8 });
    expect(await bitsOf(second)).toEqual(whole);
    const [{ id }] = (await second.api.runs()).filter(({ name }) => name === 'Seed 9');
    await second.lab.comparison.choose(id);
    const { compared } = second.lab.comparison.store.getState();
    expect(compared?.history.losses).toHaveLength(6);
    expect(compared?.moments.map(({ step }) => step)).toEqual(expect.arrayContaining([0, 1, 2, 6]));
    await expectSimilarity(second, { step: 20, theirStep: 6 });
  });
});

/** The matrix of the page's run and the compared one, at their steps. */
async function expectSimilarity({ api }: Tab, expected: { step: number; theirStep: number }): Promise<void> {
  const { rows, columns, values, errors, ...others } = await api.similarity({ compared: true, count: 60 });
  expect(others).toEqual({ ...expected, count: 60 });
  expect(columns).toEqual(rows);
  const own = await api.similarity({ count: 60 });
  const at = (matrix: Float64Array, row: string, column: string) =>
    matrix[rows.indexOf(row) * columns.length + rows.indexOf(column)];
  // The images are the same in both runs, and the layers are not.
  expect(at(values, 'fc', 'fc')).toBeGreaterThan(0);
  expect(at(values, 'fc', 'fc')).not.toBeCloseTo(1, 3);
  expect(at(errors, 'fc', 'fc')).toBeGreaterThan(0);
  expect([at(values, 'input', 'input'), at(errors, 'input', 'input')]).toEqual([1, 0]);
  for (const of of ['values', 'errors'] as const) {
    expect(at({ values, errors }[of], 'fc', 'input')).toBeCloseTo(at(own[of], 'fc', 'input'), 10);
  }
}
