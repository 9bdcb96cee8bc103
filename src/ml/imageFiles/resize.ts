import type { LabeledImages } from '../data/dataset.ts';
import type { InputShape } from '../model/network.ts';
import type { Raster } from '../pictures/gray.ts';
import { resample } from '../pictures/resample.ts';
import { MOST_SIDE } from './given.ts';

export interface Size {
  height: number;
  width: number;
}

/** The size within the limits: a larger image is scaled down until its longer side has 64 pixels. */
export function sizeWithin({ height, width }: Size): Size {
  const scale = Math.min(1, MOST_SIDE / Math.max(height, width));
  return { height: Math.max(1, Math.round(height * scale)), width: Math.max(1, Math.round(width * scale)) };
}

/** Resizes a channel [height, width] by area averaging, after cropping its middle to the new proportions. */
export function resizePlane(plane: Uint8Array, from: Size, to: Size): Uint8Array<ArrayBuffer> {
  const scale = Math.min(from.width / to.width, from.height / to.height);
  const width = Math.max(1, Math.round(to.width * scale));
  const height = Math.max(1, Math.round(to.height * scale));
  const box = {
    left: Math.floor((from.width - width) / 2),
    top: Math.floor((from.height - height) / 2),
    width: Math.min(width, from.width),
    height: Math.min(height, from.height),
  };
  const source = { values: Float32Array.from(plane), width: from.width, height: from.height };
  const { values } = resample(source, box, to.width, to.height);
  return Uint8Array.from(values, (value) => Math.round(value));
}

/** A remark that all images of a file are scaled down. */
export function scaledRemark(from: Size, to: Size): string {
  return `All images are scaled from ${from.height} × ${from.width} to ${to.height} × ${to.width} pixels.`;
}

/** Images larger than the limits, scaled down. */
export function withinLimits(part: LabeledImages): LabeledImages {
  const { count, channels, height, width } = part;
  const to = sizeWithin(part);
  if (to.height === height && to.width === width) return part;
  const [area, newArea] = [height * width, to.height * to.width];
  const images = new Uint8Array(count * channels * newArea);
  for (let plane = 0; plane < count * channels; plane++) {
    const own = part.images.subarray(plane * area, (plane + 1) * area);
    images.set(resizePlane(own, { height, width }, to), plane * newArea);
  }
  return { ...part, ...to, images };
}

/** One color of a raster; transparent pixels become black. */
export function planeOf({ data, width, height }: Raster, channel: number): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, i) =>
    Math.round((data[4 * i + channel] * data[4 * i + 3]) / 255),
  );
}

/** A picture as the network's input [channels, height, width] in [0, 1]: its middle, scaled. Gray is Rec. 601 luma. */
export function fitRaster(raster: Raster, { channels, height, width }: InputShape): Float32Array {
  const planes = [0, 1, 2].map((channel) => resizePlane(planeOf(raster, channel), raster, { height, width }));
  const area = height * width;
  const gray = (i: number) => 0.299 * planes[0][i] + 0.587 * planes[1][i] + 0.114 * planes[2][i];
  return Float32Array.from({ length: channels * area }, (_, i) =>
    channels === 3 ? planes[Math.floor(i / area)][i % area] / 255 : gray(i) / 255,
  );
}
