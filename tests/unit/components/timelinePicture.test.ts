import { describe, expect, test } from 'vitest';
import type { Mark } from '../../../src/components/painter/picture.ts';
import type { Colors } from '../../../src/components/shared/colors.ts';
import { TimelinePicture } from '../../../src/components/timeline/timelinePicture.ts';
import { historyOf } from '../../../src/lab/state/history.ts';

/** Each color is its name. */
const look = {
  colors: new Proxy({}, { get: (_, name) => String(name) }) as Colors,
  family: 'Arial',
};
const size = { width: 400, height: 52, end: 1600 };

/** A run of 16 epochs of 100 steps, of which the ninth is the best. */
const losses = Float32Array.from({ length: 1600 }, (_, step) => 2 / (1 + step / 50));
const history = historyOf({
  losses,
  accuracies: new Float32Array(1600),
  epochs: Array.from({ length: 16 }, (_, i) => ({
    epoch: i + 1,
    step: 100 * (i + 1),
    trainLoss: 0,
    trainAccuracy: 0,
    testLoss: 0,
    testAccuracy: 0,
    seconds: 1,
  })),
});
const snapshots = [0, 4, 100, 900].map((step) => ({
  step,
  epoch: Math.floor(step / 100),
  best: step === 900,
  epochEnd: step >= 100,
}));
const run = { history, snapshots };

const labels = (marks: readonly Mark[]) => marks.filter((mark) => mark.kind === 'label');
const moments = (marks: readonly Mark[]) => marks.filter((mark) => mark.kind === 'moment');

describe('the timeline’s picture', () => {
  const [epochs, loss, ticks] = new TimelinePicture().read(run, size, look).fields;

  test('has a line for each epoch, and numbers where there is room', () => {
    expect(moments(epochs.marks)).toHaveLength(16);
    const places = labels(epochs.marks);
    expect(places.map(({ text }) => text)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
      '11',
      '13',
      '15',
    ]);
    expect(places[0]).toMatchObject({ x: 100, align: 'center', color: 'muted' });
  });

  test('has the best epoch’s number beside its line, also where there is no room', () => {
    expect(labels(epochs.marks)[8]).toMatchObject({
      text: '9',
      x: 296,
      align: 'right',
      color: 'test',
      weight: 650,
    });
    const few = { history, snapshots: [{ ...snapshots[3], step: 1400 }] };
    const [crowded] = new TimelinePicture().read(few, size, look).fields;
    expect(labels(crowded.marks).map(({ text }) => text)).toContain('14');
  });

  test('has a tick for each snapshot, and a line for the best', () => {
    expect(ticks.marks[0]).toMatchObject({ kind: 'rule', from: [0, 51.5], to: [400, 51.5] });
    expect(moments(ticks.marks).map(({ at, width, top }) => [at, width, top])).toEqual([
      [0, 1, 45],
      [4, 1, 45],
      [100, 1, 40],
      [900, 2, 0],
    ]);
  });

  test('has the loss as one curve across columns without a step, between limits that rarely move', () => {
    expect(loss.marks).toMatchObject([{ kind: 'curve', isBridged: true }]);
    expect(loss.across).toMatchObject({ start: 0, end: 400 });
    expect(loss.down.high).toBeCloseTo(Math.log(3));
    expect(loss.down.low).toBeCloseTo(Math.log(0.01));
  });

  test('spreads over losses beyond the limits, but not over infinite ones', () => {
    const wild = losses.slice();
    wild.set([50, Number.POSITIVE_INFINITY, 0, Number.NaN]);
    const [, field] = new TimelinePicture().read(
      { history: { ...history, losses: wild }, snapshots },
      size,
      look,
    ).fields;
    expect(field.down.high).toBeCloseTo(Math.log(50));
    expect(field.down.low).toBeCloseTo(Math.log(0.01));
  });

  test('follows the colors and the height', () => {
    const picture = new TimelinePicture();
    const tickColors = (of: Colors, height: number) => {
      const { marks } = picture.read(run, { ...size, height }, { ...look, colors: of }).fields[2];
      return moments(marks).map(({ color, top }) => [color, top]);
    };
    expect(tickColors(look.colors, 52)[0]).toEqual(['line-strong', 45]);
    expect(tickColors({ ...look.colors, 'line-strong': 'white' }, 52)[0]).toEqual(['white', 45]);
    expect(tickColors(look.colors, 36)[0]).toEqual(['line-strong', 29]);
  });
});
