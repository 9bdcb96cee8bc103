import type { LabelMark, RuleMark } from './picture.ts';

/** A canvas's context with the marks that other marks consist of. */
export interface Pen {
  context: CanvasRenderingContext2D;
  /** Pixels of the screen for each CSS pixel. */
  ratio: number;
  /** The canvas's height in CSS pixels. */
  height: number;
  rule(rule: Omit<RuleMark, 'kind'>): void;
  label(label: Omit<LabelMark, 'kind'>): void;
  /** Sets the font of texts. */
  write(size: number, weight?: number): void;
}

export function createPen(
  context: CanvasRenderingContext2D,
  { ratio, family, height }: { ratio: number; family: string; height: number },
): Pen {
  let written = '';
  const write = (size: number, weight = 400) => {
    const font = `${weight} ${size}px ${family}`;
    // The browser parses each font that it is given.
    if (font !== written) context.font = font;
    written = font;
  };
  return {
    context,
    ratio,
    height,
    rule: (rule) => drawRule(context, ratio, rule),
    label({ text, x, y, color, size, weight, align = 'left', baseline = 'top' }) {
      write(size, weight);
      context.fillStyle = color;
      context.textAlign = align;
      context.textBaseline = baseline;
      context.fillText(text, x, y);
    },
    write,
  };
}

/** Draws a straight line; a vertical or horizontal one covers whole pixels of the screen, so that it is sharp. */
function drawRule(
  context: CanvasRenderingContext2D,
  ratio: number,
  { from: [x0, y0], to: [x1, y1], color, width = 1, dash }: Omit<RuleMark, 'kind'>,
): void {
  const thickness = Math.max(1, Math.round(width * ratio)) / ratio;
  const edge = (center: number) => Math.round((center - thickness / 2) * ratio) / ratio;
  if (!dash?.length && x0 === x1) {
    context.fillStyle = color;
    context.fillRect(edge(x0), Math.min(y0, y1), thickness, Math.abs(y1 - y0));
  } else if (!dash?.length && y0 === y1) {
    context.fillStyle = color;
    context.fillRect(Math.min(x0, x1), edge(y0), Math.abs(x1 - x0), thickness);
  } else {
    const sharp = (center: number) => edge(center) + thickness / 2;
    context.strokeStyle = color;
    context.lineWidth = thickness;
    context.setLineDash(dash ?? []);
    context.beginPath();
    context.moveTo(x0 === x1 ? sharp(x0) : x0, y0 === y1 ? sharp(y0) : y0);
    context.lineTo(x0 === x1 ? sharp(x1) : x1, y0 === y1 ? sharp(y1) : y1);
    context.stroke();
    context.setLineDash([]);
  }
}
