import type { Split } from '../../ml/data/dataset.ts';
import type { Raster } from '../../ml/pictures/gray.ts';
import type { PictureReading } from '../../ml/pictures/read.ts';
import type { Box } from '../../ml/pictures/resample.ts';
import type { Stroke } from '../../ml/pictures/strokes.ts';

/** The origin of an image. */
export type ImageOrigin =
  | { kind: 'dataSet'; split: Split; index: number }
  | PictureOrigin
  | { kind: 'drawing'; strokes: readonly Stroke[] }
  /** Created on the page or by a script. */
  | { kind: 'pixels' };

/** A picture: one of its digits where the network reads digits, otherwise its middle. */
export interface PictureOrigin {
  kind: 'picture';
  /** The picture's name. */
  file: string;
  raster: Raster;
  /** Every step from the picture to 28 x 28; missing where the network reads other images. */
  reading?: PictureReading;
  /** The digit's index in `reading.digits`. */
  digit: number;
  /** The part that a person selected, in pixels of the raster. */
  crop?: Box;
}

export type DigitOrigin = PictureOrigin & { reading: PictureReading };

export function isDigitOrigin(origin: ImageOrigin): origin is DigitOrigin {
  return origin.kind === 'picture' && origin.reading !== undefined;
}

/** An image that panels exchange. */
export interface LabImage {
  /** Unique id, such as "test:12". */
  id: string;
  /** Display name, such as "test image 12". */
  name: string;
  /** The network's input, [channels x height x width] in [0, 1]. */
  pixels: Float32Array;
  /** The true class, if known. */
  label?: number;
  origin: ImageOrigin;
}
