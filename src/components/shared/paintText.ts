/**
 * Paints one line of text on a canvas of this size in CSS pixels, in the canvas's own font, color and alignment. All digits get
 * the same width, as by `tabular-nums`, which a canvas's font cannot have.
 */
export function paintText(
  canvas: HTMLCanvasElement,
  text: string,
  { width, height }: { width: number; height: number },
): void {
  const ratio = window.devicePixelRatio || 1;
  const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (pixelWidth === 0 || pixelHeight === 0) return;
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
    canvas.width = pixelWidth;
    canvas.height = pixelHeight;
  }
  const context = canvas.getContext('2d');
  if (!context) return;
  const { fontStyle, fontWeight, fontSize, fontFamily, letterSpacing, color, textAlign } =
    getComputedStyle(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
  context.fillStyle = color;
  const spacing = Number.parseFloat(letterSpacing) || 0;
  const digit = context.measureText('0').width;
  const parts = text.match(/\d|\D+/g) ?? [];
  const widths = parts.map((part) =>
    /\d/.test(part) ? digit + spacing : context.measureText(part).width + spacing * part.length,
  );
  const room = width - widths.reduce((sum, part) => sum + part, 0);
  let x = textAlign === 'center' ? room / 2 : textAlign === 'right' || textAlign === 'end' ? room : 0;
  const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = context.measureText('0');
  // The line box centers the font's ascent and descent.
  const y = Math.round((height - ascent - descent) / 2 + ascent);
  parts.forEach((part, i) => {
    context.fillText(part, x, y);
    x += widths[i];
  });
}
