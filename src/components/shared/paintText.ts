import { clearedCanvas } from '../painter/clearedCanvas.ts';

/** How text looks in an element. */
export interface TextLook {
  font: string;
  color: string;
  align: string;
  /** Space between two letters in CSS pixels. */
  spacing: number;
}

/** The look of text in an element. May lay out the page, where the element is in a container that has a query. */
export function textLook(element: Element): TextLook {
  const { fontStyle, fontWeight, fontSize, fontFamily, letterSpacing, color, textAlign } =
    getComputedStyle(element);
  return {
    font: `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`,
    color,
    align: textAlign,
    spacing: Number.parseFloat(letterSpacing) || 0,
  };
}

/** Whether text looks the same. */
export function isSameLook(a: TextLook, b: TextLook): boolean {
  return a.font === b.font && a.color === b.color && a.align === b.align && a.spacing === b.spacing;
}

/**
 * Paints one line of text on a canvas of this size in CSS pixels, condensed where it would be wider. All digits get the same
 * width, as by `tabular-nums`, which a canvas's font cannot have.
 */
export function paintText(
  canvas: HTMLCanvasElement,
  text: string,
  { width, height }: { width: number; height: number },
  { font, color, align, spacing }: TextLook,
): void {
  // Hidden text has no place.
  if (Math.round(width) === 0 || Math.round(height) === 0) return;
  const context = clearedCanvas(canvas, width, height);
  if (!context) return;
  context.font = font;
  context.fillStyle = color;
  const digit = context.measureText('0').width;
  const parts = text.match(/\d|\D+/g) ?? [];
  const widths = parts.map((part) =>
    /\d/.test(part) ? digit + spacing : context.measureText(part).width + spacing * part.length,
  );
  const wanted = widths.reduce((sum, part) => sum + part, 0);
  const room = Math.max(0, width - wanted);
  if (wanted > width) context.scale(width / wanted, 1);
  let x = align === 'center' ? room / 2 : align === 'right' || align === 'end' ? room : 0;
  const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = context.measureText('0');
  // The line box centers the font's ascent and descent.
  const y = Math.round((height - ascent - descent) / 2 + ascent);
  parts.forEach((part, i) => {
    context.fillText(part, x, y);
    x += widths[i];
  });
}
