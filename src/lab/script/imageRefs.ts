import { CallError } from '../../ml/callError.ts';
import { pixelsOf } from '../../ml/data/dataset.ts';
import { shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { Victims } from '../adversarial/attackQuestion.ts';
import type { Lab } from '../lab.ts';

import type { ImageRef } from './labApi.ts';

/** Pixels [n, pixels] of the referenced images. */
export function resolveImages({ store }: Lab, images: ImageRef[]): Float32Array {
  const { data, network } = store.getState();
  const size = sizeOf(shapeAt(network, 'input'));
  if (!Array.isArray(images) || images.length === 0) {
    throw new CallError('images', 'expected a list of at least one image, found none');
  }
  const pixels = new Float32Array(images.length * size);
  images.forEach((image, i) => {
    pixels.set(pixelsOfRef(image), i * size);
  });
  return pixels;

  function pixelsOfRef(image: ImageRef): Float32Array {
    if (image instanceof Float32Array) {
      if (image.length !== size) {
        throw new CallError('images', `expected ${size} pixels in an image, found ${image.length}`);
      }
      return image;
    }
    if (!data) throw new CallError('images', 'expected the data set first; await lab.ready');
    if (image?.split !== 'train' && image?.split !== 'test') {
      throw new CallError(
        'images',
        'expected { split: "train" | "test", index } or a Float32Array of pixels',
      );
    }
    return pixelsOf(data[image.split], image.index);
  }
}

/** The images to attack. Images of the data set have labels. */
export function givenVictims(lab: Lab, images: ImageRef[], labels: ArrayLike<number> | undefined): Victims {
  const pixels = resolveImages(lab, images);
  const { data, network } = lab.store.getState();
  const classes = sizeOf(shapeAt(network, network.layers.at(-1)?.name ?? 'input'));
  if (labels && labels.length !== images.length) {
    throw new CallError(
      'attack',
      `expected a label for each of ${images.length} images, found ${labels.length}`,
    );
  }
  const found = images.map((image, i) => {
    const label =
      labels?.[i] ?? (image instanceof Float32Array ? undefined : data?.[image.split].labels[image.index]);
    if (label === undefined || !Number.isInteger(label) || label < 0 || label >= classes) {
      throw new CallError(
        'attack',
        `expected the label of image ${i}, from 0 to ${classes - 1}, found ${label}`,
      );
    }
    return label;
  });
  return { images: pixels, labels: Uint8Array.from(found) };
}
