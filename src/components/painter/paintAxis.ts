import type { Pen } from './pen.ts';
import type { AxisMark, Field } from './picture.ts';
import { placeOf } from './scale.ts';

const FONT_SIZE = 12;
/** Pixels between the axis and the labels of its ticks. */
const LABEL_GAP = 7;
/** Pixels from a horizontal axis to its title's baseline, and from there to the end of its longest letters. */
const TITLE_BELOW = 33.5;
const DESCENT = 4;
/** Pixels between the labels of a vertical axis and the middle of its title. */
const TITLE_BESIDE = 13;

/** Paints an axis with its grid, as Plotly places them. */
export function paintAxis(pen: Pen, axis: AxisMark, field: Field): void {
  pen.write(FONT_SIZE);
  if (axis.side === 'left') paintLeft(pen, axis, field);
  else paintBottom(pen, axis, field);
}

function paintLeft(pen: Pen, axis: AxisMark, { across, down }: Field): void {
  const { ticks, tickLength, color, title, hasLabels = true } = axis;
  const [left, right] = [across.start, across.end];
  let widest = 0;
  for (const { value, label } of ticks) {
    const y = placeOf(down, value);
    if (color.grid) pen.rule({ from: [left, y], to: [right, y], color: color.grid });
    pen.rule({ from: [left - tickLength, y], to: [left, y], color: color.tick });
    if (!hasLabels) continue;
    const place = { x: left - LABEL_GAP, y, align: 'right', baseline: 'middle' } as const;
    pen.label({ text: label, ...place, size: FONT_SIZE, color: color.text });
    widest = Math.max(widest, pen.context.measureText(label).width);
  }
  if (color.zero && down.low < 0 && down.high > 0) {
    const zero = placeOf(down, 0);
    pen.rule({ from: [left, zero], to: [right, zero], color: color.zero });
  }
  pen.rule({ from: [left, down.end], to: [left, down.start], color: color.line });
  if (title) {
    const x = Math.max(FONT_SIZE / 2 + 1, left - LABEL_GAP - widest - TITLE_BESIDE);
    paintUpward(pen, title, { x, y: (down.start + down.end) / 2, color: color.text });
  }
}

function paintUpward(pen: Pen, text: string, { x, y, color }: { x: number; y: number; color: string }): void {
  const { context } = pen;
  context.save();
  context.translate(x, y);
  context.rotate(-Math.PI / 2);
  pen.label({ text, x: 0, y: 0, size: FONT_SIZE, color, align: 'center', baseline: 'middle' });
  context.restore();
}

function paintBottom(pen: Pen, axis: AxisMark, { across, down }: Field): void {
  const { ticks, tickLength, color, title, hasLabels = true } = axis;
  const bottom = down.start;
  const text = { size: FONT_SIZE, color: color.text, align: 'center' } as const;
  for (const { value, label } of ticks) {
    const x = placeOf(across, value);
    if (color.grid) pen.rule({ from: [x, down.end], to: [x, bottom], color: color.grid });
    pen.rule({ from: [x, bottom], to: [x, bottom + tickLength], color: color.tick });
    if (hasLabels) pen.label({ text: label, x, y: bottom + LABEL_GAP, ...text });
  }
  pen.rule({ from: [across.start, bottom], to: [across.end, bottom], color: color.line });
  if (!title) return;
  // Placed by its baseline, because browsers disagree about the top of a line.
  const y = Math.min(bottom + TITLE_BELOW, pen.height - DESCENT);
  pen.label({ text: title, x: (across.start + across.end) / 2, y, ...text, baseline: 'alphabetic' });
}
