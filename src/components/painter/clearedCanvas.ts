/** Pixels of the screen for each CSS pixel. */
export function pixelRatio(): number {
  return window.devicePixelRatio || 1;
}

/** Gives a canvas its size in CSS pixels and clears it; returns its context, or undefined if there is none. */
export function clearedCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | undefined {
  const ratio = pixelRatio();
  const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
  // Setting a size, even the same, costs a new buffer.
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
    canvas.width = pixelWidth;
    canvas.height = pixelHeight;
  }
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
