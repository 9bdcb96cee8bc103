import type { LabState } from '../../lab/state/state.ts';
import type { Field, LabelMark, Mark, MomentMark, Picture } from '../painter/picture.ts';
import { placeOf, type Scale } from '../painter/scale.ts';
import type { Colors } from '../shared/colors.ts';
import { LossProfile } from './lossProfile.ts';
import { stepAxis } from './timelineScale.ts';

/** Width of a sparkline column, in CSS pixels. */
const columnWidth = 2;
/** The sparkline's height spans at least these log losses, so that its limits rarely move during a run. */
const highest = Math.log(3);
const lowest = Math.log(0.01);
/** Height of the snapshot ticks at the bottom and the epoch numbers at the top, in CSS pixels. */
const tickHeight = 7;
const labelHeight = 13;
const leastLabelGap = 18;
/** Room at the right edge that half of an epoch's number takes. */
const halfLabel = 8;

/** What the timeline shows of the lab's state. */
type Run = Pick<LabState, 'history' | 'snapshots'>;

export interface TimelineSize {
  width: number;
  height: number;
  /** The step at the right edge. */
  end: number;
}

/** The look of the timeline's texts and lines. */
interface TimelineLook {
  colors: Colors;
  family: string;
}

/**
 * The whole run as one picture: the loss as a sparkline, a tick for every snapshot, a line at the end of every epoch. Keeps what
 * the next picture has in common with the last.
 */
export class TimelinePicture {
  readonly #profile = new LossProfile();
  #ticks: { of?: Run['snapshots']; colors?: Colors; height: number; marks: Mark[] } = {
    height: 0,
    marks: [],
  };

  read(state: Run, size: TimelineSize, { colors, family }: TimelineLook): Picture {
    const { width, height, end } = size;
    const across: Scale = { ...stepAxis(end), start: 0, end: width };
    const down: Scale = { spread: 'linear', low: 0, high: 1, start: height, end: 0 };
    const bottom: Mark = {
      kind: 'rule',
      from: [0, height - 0.5],
      to: [width, height - 0.5],
      color: colors.line,
    };
    return {
      width,
      height,
      family,
      fields: [
        { across, down, marks: epochMarks(state, { across, colors }) },
        this.#lossField(state, size, colors),
        { across, down, marks: [bottom, ...this.#snapshotMarks(state, colors, height)] },
      ],
    };
  }

  #lossField({ history }: Run, { width, height, end }: TimelineSize, colors: Colors): Field {
    const columns = Math.max(1, Math.floor(width / columnWidth));
    const means = this.#profile.read(history, end, columns);
    let [low, high] = [lowest, highest];
    for (const mean of means) {
      // Of a run that diverged, some losses are infinite.
      if (!Number.isFinite(mean)) continue;
      if (mean < low) low = mean;
      if (mean > high) high = mean;
    }
    return {
      across: { spread: 'linear', low: -0.5, high: columns - 0.5, start: 0, end: columns * columnWidth },
      down: { spread: 'linear', low, high, start: height - tickHeight - 2, end: labelHeight },
      // The first steps are far apart, so that columns between them have no mean.
      marks: [{ kind: 'curve', y: means, isBridged: true, color: colors.train, width: 1.5 }],
    };
  }

  #snapshotMarks({ snapshots }: Run, colors: Colors, height: number): readonly Mark[] {
    const known = this.#ticks;
    if (known.of === snapshots && known.colors === colors && known.height === height) return known.marks;
    const marks = snapshots.map(
      ({ step, epochEnd, best }): MomentMark => ({
        kind: 'moment',
        at: step,
        width: best ? 2 : 1,
        color: best ? colors.test : colors['line-strong'],
        top: best ? 0 : height - tickHeight - (epochEnd ? 5 : 0),
      }),
    );
    this.#ticks = { of: snapshots, colors, height, marks };
    return marks;
  }
}

/** A line at each epoch's end, and the epoch's number where there is room. */
function epochMarks(
  { history, snapshots }: Run,
  { across, colors }: { across: Scale; colors: Colors },
): Mark[] {
  const best = snapshots.find((snapshot) => snapshot.best)?.step;
  const marks: Mark[] = [];
  let labeled = -leastLabelGap;
  for (const { epoch, step } of history.epochs) {
    const x = placeOf(across, step);
    const isBest = step === best;
    marks.push({ kind: 'moment', at: step, color: colors.line, width: 1, top: labelHeight });
    if (x - labeled < leastLabelGap && !isBest) continue;
    labeled = x;
    const label: LabelMark = {
      kind: 'label',
      text: String(epoch),
      x,
      y: 0,
      size: 11,
      color: colors.muted,
      align: x > across.end - halfLabel ? 'right' : 'center',
    };
    // The best epoch's line extends to the top, so its number goes beside the line.
    marks.push(isBest ? { ...label, x: x - 4, align: 'right', color: colors.test, weight: 650 } : label);
  }
  return marks;
}
