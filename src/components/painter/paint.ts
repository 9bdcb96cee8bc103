import { clearedCanvas, pixelRatio } from './clearedCanvas.ts';
import { paintAxis } from './paintAxis.ts';
import { createPen, type Pen } from './pen.ts';
import type {
  BandMark,
  BarsMark,
  CurveMark,
  Field,
  Mark,
  MomentMark,
  Picture,
  PointsMark,
} from './picture.ts';
import { placeOf } from './scale.ts';
import { tracePath } from './tracePath.ts';

/**
 * Paints a picture on a canvas, which gets the picture's number of pixels.
 * @param canvas with a style for its size, or `isFitted` for the picture's size
 */
export function paint(
  canvas: HTMLCanvasElement,
  picture: Picture,
  { isFitted = false }: { isFitted?: boolean } = {},
): void {
  const { width, height, family = 'sans-serif', fields } = picture;
  if (isFitted) giveSize(canvas, picture);
  const context = clearedCanvas(canvas, width, height);
  if (!context) return;
  const pen = createPen(context, { ratio: pixelRatio(), family, height });
  for (const field of fields) for (const mark of field.marks) paintMark(pen, mark, field);
}

function giveSize({ style }: HTMLCanvasElement, { width, height }: Picture): void {
  // A style, even the same, makes the browser look at the page's layout.
  if (style.width !== `${width}px`) style.width = `${width}px`;
  if (style.height !== `${height}px`) style.height = `${height}px`;
}

function paintMark(pen: Pen, mark: Mark, field: Field): void {
  switch (mark.kind) {
    case 'curve':
      paintCurve(pen, mark, field);
      break;
    case 'points':
      paintPoints(pen, mark, field);
      break;
    case 'moment':
      paintMoment(pen, mark, field);
      break;
    case 'rule':
      pen.rule(mark);
      break;
    case 'band':
      paintBand(pen, mark, field);
      break;
    case 'bars':
      paintBars(pen, mark, field);
      break;
    case 'axis':
      paintAxis(pen, mark, field);
      break;
    case 'label':
      pen.label(mark);
      break;
  }
}

function paintCurve({ context, ratio }: Pen, mark: CurveMark, { across, down }: Field): void {
  const { color, width, dash, opacity = 1, isClipped } = mark;
  context.save();
  if (isClipped) {
    context.beginPath();
    context.rect(across.start, down.end, across.end - across.start, down.start - down.end);
    context.clip();
  }
  context.beginPath();
  tracePath(context, mark, { across, down, column: 1 / ratio });
  context.globalAlpha = opacity;
  context.strokeStyle = color;
  context.lineWidth = width;
  context.lineJoin = 'round';
  if (dash) context.setLineDash(dash);
  context.stroke();
  context.restore();
}

/** Plotly's diamond extends 1.3 radii from its center. */
const DIAMOND = 1.3;

function paintPoints({ context }: Pen, mark: PointsMark, { across, down }: Field): void {
  const { x, y, shape, radius, color, outline } = mark;
  context.fillStyle = color;
  context.strokeStyle = color;
  context.lineWidth = outline ?? 1;
  context.beginPath();
  for (let i = 0; i < x.length; i++) {
    const atX = placeOf(across, Number(x[i]));
    const atY = placeOf(down, Number(y[i]));
    if (shape === 'diamond') {
      const reach = DIAMOND * radius;
      context.moveTo(atX + reach, atY);
      context.lineTo(atX, atY + reach);
      context.lineTo(atX - reach, atY);
      context.lineTo(atX, atY - reach);
      context.closePath();
    } else {
      context.moveTo(atX + radius, atY);
      context.arc(atX, atY, radius, 0, 2 * Math.PI);
    }
  }
  if (outline === undefined) context.fill();
  else context.stroke();
}

function paintMoment(pen: Pen, mark: MomentMark, { across, down }: Field): void {
  const { at, color, width, top = down.end, bottom = down.start } = mark;
  const x = placeOf(across, at);
  if (x < across.start - 1 || x > across.end + 1) return;
  pen.rule({ from: [x, top], to: [x, bottom], color, width });
}

function paintBand({ context }: Pen, { from, to, color }: BandMark, { across, down }: Field): void {
  const left = placeOf(across, from);
  context.fillStyle = color;
  context.fillRect(left, down.end, Math.max(1, placeOf(across, to) - left), down.start - down.end);
}

function paintBars(
  { context }: Pen,
  { values, width, color, below }: BarsMark,
  { across, down }: Field,
): void {
  const zero = placeOf(down, 0);
  for (let i = 0; i < values.length; i++) {
    const value = Math.min(down.high, Math.max(down.low, values[i]));
    const end = placeOf(down, value);
    context.fillStyle = value < 0 ? below : color;
    context.fillRect(placeOf(across, i), Math.min(zero, end), width, Math.abs(end - zero));
  }
}
