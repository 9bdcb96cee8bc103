import { CallError } from '../callError.ts';
import { type LabeledImages, pixelCount } from './dataset.ts';

/** One image moved over a range: its views are the points of a manifold. */
export interface Augmentation {
  kind: 'rotate' | 'shear';
  /** Views range from -reach to reach: degrees of a rotation, or a row's shift relative to its height above the middle. */
  reach: number;
}

export const AUGMENTATIONS = ['rotate', 'shear'] as const satisfies readonly Augmentation['kind'][];
const MOST_REACH = { rotate: 180, shear: 2 };

/** @throws unless the reach is in range. */
export function checkAugmentation({ kind, reach }: Augmentation): Augmentation {
  if (!AUGMENTATIONS.includes(kind)) {
    throw new CallError(
      'geometry',
      `expected an augmentation among ${AUGMENTATIONS.join(', ')}, found "${kind}"`,
    );
  }
  if (!(reach > 0 && reach <= MOST_REACH[kind])) {
    throw new CallError(
      'geometry',
      `expected a reach above 0 and to ${MOST_REACH[kind]} for ${kind}, found ${reach}`,
    );
  }
  return { kind, reach };
}

/**
 * Views of one image at evenly spaced rotations or shears about its middle, by bilinear interpolation. Pixels from outside
 * the image are black.
 * @param image bytes [channels, height, width].
 * @returns bytes [count, channels, height, width].
 */
export function viewsOf(
  image: Uint8Array,
  shape: Pick<LabeledImages, 'channels' | 'height' | 'width'>,
  { kind, reach }: Augmentation,
  count: number,
): Uint8Array<ArrayBuffer> {
  const { channels, height, width } = shape;
  const pixels = pixelCount(shape);
  const views = new Uint8Array(count * pixels);
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  for (let view = 0; view < count; view++) {
    const amount = count === 1 ? 0 : reach * ((2 * view) / (count - 1) - 1);
    const angle = (amount * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [dx, dy] = [x - middleX, y - middleY];
        // The place in the image that this pixel comes from: the inverse of the movement.
        const [fromX, fromY] =
          kind === 'rotate'
            ? [middleX + cos * dx + sin * dy, middleY - sin * dx + cos * dy]
            : [middleX + dx - amount * dy, y];
        for (let channel = 0; channel < channels; channel++) {
          const plane = image.subarray(channel * height * width, (channel + 1) * height * width);
          views[view * pixels + (channel * height + y) * width + x] = sampled(plane, shape, fromX, fromY);
        }
      }
    }
  }
  return views;
}

function sampled(
  plane: Uint8Array,
  { height, width }: Pick<LabeledImages, 'height' | 'width'>,
  x: number,
  y: number,
): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, down] = [x - left, y - top];
  const at = (column: number, row: number) =>
    column >= 0 && column < width && row >= 0 && row < height ? plane[row * width + column] : 0;
  const upper = (1 - right) * at(left, top) + right * at(left + 1, top);
  const lower = (1 - right) * at(left, top + 1) + right * at(left + 1, top + 1);
  return Math.round((1 - down) * upper + down * lower);
}
