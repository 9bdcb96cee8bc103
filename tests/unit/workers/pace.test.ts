import { describe, expect, it } from 'vitest';
import { nextTask } from '../../../src/workers/nextTask.ts';
import { Pace } from '../../../src/workers/pace.ts';

/** After the task that `next` yields, so that it has answered or waits. */
async function soon(): Promise<'waiting'> {
  await nextTask();
  await nextTask();
  return 'waiting';
}

describe('Pace', () => {
  it('grows chunks while steps are quick, and keeps them within the chunk time', async () => {
    const pace = new Pace();
    pace.begin();
    let steps = await pace.next();
    expect(steps).toBe(1);
    for (let i = 0; i < 10; i++) {
      pace.made(steps, steps * 1);
      steps = await pace.next();
    }
    expect(steps).toBe(Pace.chunkMilliseconds);
    pace.made(steps, steps * 1000);
    expect(await pace.next()).toBe(1);
  });

  it('waits while paused and continues when resumed', async () => {
    const pace = new Pace();
    pace.begin();
    pace.pause();
    const next = pace.next();
    expect(await Promise.race([next, soon()])).toBe('waiting');
    pace.resume();
    expect(await next).toBe(1);
  });

  it('makes exactly the steps allowed while paused', async () => {
    const pace = new Pace();
    pace.begin();
    pace.pause();
    let made = 0;
    const loop = (async () => {
      for (let steps = await pace.next(); steps > 0; steps = await pace.next()) {
        made += steps;
        pace.made(steps, 1);
      }
    })();
    await pace.allow(7);
    expect(made).toBe(7);
    await pace.allow(2);
    expect(made).toBe(9);
    pace.stop();
    await loop;
  });

  it('ends a wait when stopped, paused or slow', async () => {
    const pace = new Pace();
    pace.begin();
    pace.pause();
    const paused = pace.next();
    pace.stop();
    expect(await paused).toBe(0);
    pace.begin();
    pace.setSpeed(0.01);
    const slow = pace.next();
    expect(await Promise.race([slow, soon()])).toBe('waiting');
    pace.stop();
    expect(await slow).toBe(0);
    pace.begin();
    const notYetWaiting = pace.next();
    pace.stop();
    expect(await notYetWaiting).toBe(0);
  });

  it('rests between short chunks while it gives way, and then has long chunks again', async () => {
    const pace = new Pace();
    pace.begin();
    for (let i = 0; i < 10; i++) pace.made(await pace.next(), 15);
    const whole = await pace.next();
    expect(whole).toBeGreaterThan(2);
    pace.giveWay(60_000);
    pace.made(whole, 2 * whole);
    const next = pace.next();
    expect(await Promise.race([next, soon()])).toBe('waiting');
    expect(await next).toBeLessThan(whole / 2);
    expect(pace.givesWay).toBe(true);
    pace.stop();
    expect(await pace.next()).toBe(0);
    pace.begin();
    pace.giveWay(0);
    expect(pace.givesWay).toBe(false);
  });

  it('makes one step at a time in slow motion', async () => {
    const pace = new Pace();
    pace.begin();
    for (let i = 0; i < 6; i++) {
      pace.made(await pace.next(), 0.01);
    }
    pace.setSpeed(500);
    expect(await pace.next()).toBe(1);
  });
});
