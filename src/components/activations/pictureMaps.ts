import type { Raster } from '../../ml/pictures/gray.ts';
import { PARTS, type PictureReading } from '../../ml/pictures/read.ts';
import type { Box } from '../../ml/pictures/resample.ts';

/** The ignored parts of a picture, with their colors on the map. */
export const SET_ASIDE = [
  { part: PARTS.outside, name: 'frame or surroundings', color: '#93a1a9' },
  { part: PARTS.line, name: 'lines', color: '#0877bd' },
  { part: PARTS.mark, name: 'specks and other marks', color: '#f59322' },
] as const;

const INK = '#11181d';
const PAPER = '#fbfcfc';

/** A canvas with the picture at its own size. */
export function rasterCanvas({ data, width, height }: Raster): HTMLCanvasElement {
  return canvasOf(new ImageData(new Uint8ClampedArray(data), width, height));
}

/** A canvas of gray bytes, such as the paper's level or the strength of the ink. */
export function grayCanvas(bytes: Uint8Array, { width, height }: PictureReading): HTMLCanvasElement {
  const image = new ImageData(width, height);
  bytes.forEach((value, i) => {
    image.data.fill(value, 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  });
  return canvasOf(image);
}

/** A canvas that shows the part that each pixel belongs to. */
export function partsCanvas({ parts, width, height }: PictureReading): HTMLCanvasElement {
  const colors: string[] = [];
  colors[PARTS.paper] = PAPER;
  colors[PARTS.ink] = INK;
  for (const { part, color } of SET_ASIDE) colors[part] = color;
  const bytes = colors.map((color) => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)));
  const image = new ImageData(width, height);
  parts.forEach((part, i) => {
    image.data.set(bytes[part], 4 * i);
    image.data[4 * i + 3] = 255;
  });
  return canvasOf(image);
}

/** Draws boxes over a map: thick around the chosen digit, thin around the others. */
export function strokeBoxes(canvas: HTMLCanvasElement, boxes: readonly Box[], chosen: number): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const unit = Math.max(canvas.width, canvas.height) / 100;
  boxes.forEach(({ left, top, width, height }, i) => {
    context.strokeStyle = i === chosen ? '#f59322' : '#6cc1f6';
    context.lineWidth = Math.max(1, (i === chosen ? 2 : 1) * unit);
    context.strokeRect(left - unit, top - unit, width + 2 * unit, height + 2 * unit);
  });
}

function canvasOf(image: ImageData): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas;
}
