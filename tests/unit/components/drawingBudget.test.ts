import { beforeEach, expect, test } from 'vitest';
import { DrawingBudget, type DrawingClock, LIVE_INTERVAL } from '../../../src/components/drawing/budget.ts';

const FRAME = 1000 / 60;

/** A browser's clock that the test turns: a frame every 16.7 ms, whose painting costs `paint` milliseconds. */
class TestClock implements DrawingClock {
  time = 0;
  paint = 1;
  readonly #tasks: { at: number; work: () => void }[] = [];
  readonly reports = new Map<Element, (inView: boolean) => void>();

  now() {
    return this.time;
  }

  onFrame(work: () => void) {
    this.after(FRAME - (this.time % FRAME), work);
  }

  afterPaint(work: () => void) {
    this.after(this.paint, work);
  }

  after(milliseconds: number, work: () => void) {
    const task = { at: this.time + milliseconds, work };
    this.#tasks.push(task);
    return () => {
      const place = this.#tasks.indexOf(task);
      if (place >= 0) this.#tasks.splice(place, 1);
    };
  }

  watch(element: Element, report: (inView: boolean) => void) {
    this.reports.set(element, report);
    return () => this.reports.delete(element);
  }

  run(milliseconds: number) {
    const end = this.time + milliseconds;
    for (;;) {
      this.#tasks.sort((a, b) => a.at - b.at);
      const next = this.#tasks[0];
      if (!next || next.at > end) break;
      this.#tasks.shift();
      this.time = Math.max(this.time, next.at);
      next.work();
    }
    this.time = end;
  }
}

let clock: TestClock;
let budget: DrawingBudget;

beforeEach(() => {
  clock = new TestClock();
  budget = new DrawingBudget(clock);
});

/** Requests a drawing every 5 ms for so long; counts the drawings. */
function drawingsIn(milliseconds: number, pace = 0): number {
  let drawings = 0;
  const drawer = budget.add(() => drawings++, { pace });
  for (let time = 0; time < milliseconds; time += 5) {
    drawer.request();
    clock.run(5);
  }
  drawer.remove();
  return drawings;
}

test('what changes all the time is drawn at most 12 times a second', () => {
  const drawings = drawingsIn(2000);
  expect(drawings).toBeLessThanOrEqual(25);
  expect(drawings).toBeGreaterThanOrEqual(18);
});

test('a pace of its own makes a drawing rarer', () => {
  expect(drawingsIn(2000, 500)).toBe(4);
});

test('all that changed is drawn in one frame', () => {
  const times: number[] = [];
  const drawers = Array.from({ length: 3 }, () => budget.add(() => times.push(clock.now())));
  drawers[0].request();
  clock.run(3);
  drawers[1].request();
  clock.run(3);
  drawers[2].request();
  clock.run(200);
  expect(times).toHaveLength(3);
  expect(new Set(times).size).toBe(1);
});

test('what a drawing changes is drawn in the same frame, once', () => {
  const times: string[] = [];
  const chart = budget.add(() => times.push(`chart ${clock.now()}`));
  const numbers = budget.add(() => {
    times.push(`numbers ${clock.now()}`);
    chart.request();
    chart.request();
  });
  numbers.request();
  clock.run(FRAME);
  expect(times).toEqual([`numbers ${FRAME}`, `chart ${FRAME}`]);
  clock.run(1000);
  // The second request came after the drawing, so it is drawn once more.
  expect(times).toHaveLength(3);
});

test('within a frame, a pace of its own still counts', () => {
  let charts = 0;
  const chart = budget.add(() => charts++, { pace: 500 });
  const numbers = budget.add(() => chart.request());
  for (let time = 0; time < 2000; time += 5) {
    numbers.request();
    clock.run(5);
  }
  expect(charts).toBe(4);
});

test('after a person acts, every frame draws', () => {
  const input = () => budget.hand();
  let drawings = 0;
  const drawer = budget.add(() => drawings++);
  for (let frame = 0; frame < 60; frame++) {
    input();
    drawer.request();
    clock.run(FRAME);
  }
  expect(drawings).toBeGreaterThanOrEqual(55);
});

test('a drawing with a pace for acts of a person waits for its turn in a drag, and shows the last change', () => {
  let [curves, texts, change, shown] = [0, 0, 0, 0];
  const curve = budget.add(() => curves++);
  const text = budget.add(
    () => {
      texts++;
      shown = change;
    },
    { pace: 240, handPace: 60 },
  );
  for (let frame = 0; frame < 60; frame++) {
    budget.hand();
    change++;
    curve.request();
    text.request();
    clock.run(FRAME);
  }
  expect(curves).toBeGreaterThanOrEqual(55);
  expect(texts).toBeGreaterThanOrEqual(12);
  expect(texts).toBeLessThanOrEqual(17);
  clock.run(300);
  expect(shown).toBe(change);
});

test('an input draws at once what waits for its turn', () => {
  let drawings = 0;
  const drawer = budget.add(() => drawings++);
  drawer.request();
  clock.run(2 * FRAME);
  drawer.request();
  clock.run(FRAME);
  expect(drawings).toBe(1);
  budget.hand();
  clock.run(2 * FRAME);
  expect(drawings).toBe(2);
});

test('expensive frames come so rarely that they take little of the time', () => {
  clock.paint = 30;
  const drawings = drawingsIn(6000);
  expect((drawings * 30) / 6000).toBeLessThan(0.15);
  expect(budget.interval).toBeGreaterThan(2 * LIVE_INTERVAL);
});

test('nothing is drawn out of view; what comes into view is drawn with its last change', () => {
  const element = Object.create(null) as Element;
  let drawings = 0;
  const drawer = budget.add(() => drawings++, { element });
  const report = clock.reports.get(element);
  report?.(false);
  drawer.request();
  clock.run(500);
  expect(drawings).toBe(0);
  report?.(true);
  clock.run(2 * FRAME);
  expect(drawings).toBe(1);
  drawer.remove();
  expect(clock.reports.size).toBe(0);
});

test('on paper everything is drawn', () => {
  const element = Object.create(null) as Element;
  let drawings = 0;
  const drawer = budget.add(() => drawings++, { element });
  clock.reports.get(element)?.(false);
  drawer.request();
  budget.print(true);
  expect(drawings).toBe(1);
  // What printing itself changes, such as the theme, is drawn at once too.
  drawer.request();
  expect(drawings).toBe(2);
  budget.print(false);
  drawer.request();
  clock.run(500);
  expect(drawings).toBe(2);
});

test('on paper a drawing that asks for the next one is drawn once', () => {
  let drawings = 0;
  const drawer = budget.add(() => {
    drawings++;
    if (drawings < 100) drawer.request();
  });
  budget.print(true);
  drawer.request();
  expect(drawings).toBe(1);
  budget.print(false);
  clock.run(500);
  expect(drawings).toBeGreaterThan(1);
});

test('a drawing that failed on paper is drawn on the next paper', () => {
  let attempts = 0;
  const drawer = budget.add(() => {
    attempts++;
    if (attempts === 1) throw new Error('no canvas');
  });
  drawer.request();
  expect(() => budget.print(true)).toThrow('no canvas');
  budget.print(false);
  drawer.request();
  budget.print(true);
  expect(attempts).toBe(2);
});

test('the trainer hears of a drawing after it, 12 times a second at most', () => {
  let frames = 0;
  const next = () => {
    frames++;
    budget.whenDrawn(next);
  };
  budget.whenDrawn(next);
  clock.run(2000);
  expect(frames).toBeLessThanOrEqual(25);
  expect(frames).toBeGreaterThanOrEqual(18);
});

test('the last of many requests is drawn', () => {
  let value = 0;
  let drawn = -1;
  const drawer = budget.add(() => {
    drawn = value;
  });
  for (value = 0; value < 40; value++) {
    drawer.request();
    clock.run(7);
  }
  value = 100;
  drawer.request();
  clock.run(200);
  expect(drawn).toBe(100);
});

test('where training uses all cores, drawings are rarer, except for a hand', () => {
  budget.setFull(true);
  const drawings = drawingsIn(4000);
  expect(drawings).toBeGreaterThan(12);
  expect(drawings).toBeLessThanOrEqual(17);
  budget.setFull(false);
  expect(drawingsIn(1000)).toBeGreaterThan(9);
});
