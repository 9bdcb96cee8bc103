import type { Raster } from './gray.ts';

/** A pen's path in units of the pad's side: [x0, y0, x1, y1, ...], each from 0 to 1. */
export type Stroke = readonly number[];

/** Diameter of the pen in units of the pad's side: two of 28 pixels, the width of MNIST's strokes. */
export const PEN = 2 / 28;

/**
 * Draws strokes with a round pen, white on black, antialiased by the distance to the path.
 * @param side the side of the square raster in pixels.
 */
export function rasterizeStrokes(
  strokes: readonly Stroke[],
  { side = 112, pen = PEN }: { side?: number; pen?: number } = {},
): Raster {
  const ink = new Float32Array(side * side);
  const radius = (pen * side) / 2;
  for (const stroke of strokes) {
    // A touch without movement leaves a dot.
    const last = Math.max(1, stroke.length / 2 - 1);
    for (let i = 0; i < last; i++) {
      const [x0, y0] = [stroke[2 * i] * side, stroke[2 * i + 1] * side];
      const x1 = (stroke[2 * i + 2] ?? stroke[0]) * side;
      const y1 = (stroke[2 * i + 3] ?? stroke[1]) * side;
      addSegment(ink, side, radius, [x0, y0, x1, y1]);
    }
  }
  const data = new Uint8ClampedArray(4 * side * side);
  ink.forEach((value, i) => {
    data.fill(Math.round(255 * value), 4 * i, 4 * i + 3);
    data[4 * i + 3] = 255;
  });
  return { data, width: side, height: side };
}

function addSegment(
  ink: Float32Array,
  side: number,
  radius: number,
  [x0, y0, x1, y1]: [number, number, number, number],
): void {
  const reach = radius + 1;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(side - 1, Math.ceil(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(side - 1, Math.ceil(Math.max(y0, y1) + reach));
  const length = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
      const along = length > 0 ? (px * (x1 - x0) + py * (y1 - y0)) / length : 0;
      const share = Math.min(1, Math.max(0, along));
      const distance = Math.hypot(px - share * (x1 - x0), py - share * (y1 - y0));
      const coverage = Math.min(1, Math.max(0, radius + 0.5 - distance));
      const place = y * side + x;
      if (coverage > ink[place]) ink[place] = coverage;
    }
  }
}
