/**
 * The network conv - relu - flatten - linear, computed in tiles: one group of four channels over part of an output
 * row, for at most 64 images. A tile stays in the processor's first-level cache; activations are never stored
 * elsewhere. The caller lays out all memory and passes addresses as arguments.
 */
import { adam } from './adam';
import { addFilterGradient, addImageGradient, collectFilterGradient, convolve } from './convolution';
import { addLogits, denseGradient, hiddenGradient } from './dense';
import { cotangentTile, squaredErrorTile } from './hidden';
import { evenBlocks, packTile, unpackTile } from './images';
import {
  classes,
  columnBytes,
  denseBytes,
  filterBytes,
  imageBytes,
  ITEM,
  kernel,
  logitBytes,
  outHeight,
  outWidth,
  sumSlots,
  taps,
  TILE_BLOCKS,
  tileWidth,
  width,
} from './shape';

export { adam } from './adam';
export { fuses } from './arithmetic';
export { packBytes, packFloats, unpackFloats } from './images';
export { configure } from './shape';

// Addresses of the parameters, the optimizer's moments and the scratch space; groups are contiguous.
let filterWeights: usize = 0;
let denseWeights: usize = 0;
let filterFirst: usize = 0;
let filterSecond: usize = 0;
let denseFirst: usize = 0;
let denseSecond: usize = 0;
let tile: usize = 0;
let other: usize = 0;
let gradient: usize = 0;
let sums: usize = 0;
let offsets: usize = 0;
let ones: usize = 0;

export function place(
  filterWeightsAt: usize,
  filterFirstAt: usize,
  filterSecondAt: usize,
  denseWeightsAt: usize,
  denseFirstAt: usize,
  denseSecondAt: usize,
  tileAt: usize,
  otherAt: usize,
  gradientAt: usize,
  sumsAt: usize,
  offsetsAt: usize,
  onesAt: usize,
): void {
  filterWeights = filterWeightsAt;
  filterFirst = filterFirstAt;
  filterSecond = filterSecondAt;
  denseWeights = denseWeightsAt;
  denseFirst = denseFirstAt;
  denseSecond = denseSecondAt;
  tile = tileAt;
  other = otherAt;
  gradient = gradientAt;
  sums = sumsAt;
  offsets = offsetsAt;
  ones = onesAt;
  for (let slot = 0; slot < sumSlots; slot++) {
    const tap = min(slot, taps - 1);
    store<u32>(offsets + (usize(slot) << 2), u32((tap / kernel) * width + (tap % kernel)) * u32(ITEM));
  }
  for (let position = 0; position < tileWidth; position++) {
    v128.store(ones + usize(position) * ITEM, f32x4.splat(1));
  }
}

// @ts-ignore: decorator
@inline
function pixelAt(images: usize, block: i32, row: i32, column: i32): usize {
  return images + usize(block) * imageBytes + usize(row * width + column) * ITEM;
}

/**
 * Partial logits of some groups, without the dense bias.
 * @param images [blocks][pixels][4 images]
 * @param partials output, [groups of the network][blocks][classes][4 images]
 */
export function forwardGroups(
  images: usize,
  blocks: i32,
  firstGroup: i32,
  endGroup: i32,
  partials: usize,
): void {
  for (let group = firstGroup; group < endGroup; group++) {
    const logits = partials + usize(group * blocks) * logitBytes;
    memory.fill(logits, 0, usize(blocks) * logitBytes);
    const filter = filterWeights + usize(group) * filterBytes;
    for (let block = 0; block < blocks; block += TILE_BLOCKS) {
      const count = min(TILE_BLOCKS, blocks - block);
      let dense = denseWeights + usize(group) * denseBytes;
      for (let row = 0; row < outHeight; row++) {
        for (let column = 0; column < outWidth; column += tileWidth) {
          const positions = min(tileWidth, outWidth - column);
          convolve(pixelAt(images, block, row, column), filter, tile, positions, count, true);
          addLogits(tile, dense, logits + usize(block) * logitBytes, positions, count);
          dense += usize(positions) * columnBytes;
        }
      }
    }
  }
}

/**
 * One update of some groups: computes the gradients of their dense weights and filters, and applies Adam to each at
 * once.
 * @param cotangent d(loss) / d(logits), [blocks][classes][4 images], 0 for padding images
 */
export function trainGroups(
  images: usize,
  blocks: i32,
  cotangent: usize,
  firstGroup: i32,
  endGroup: i32,
  stepSize: f32,
  correction: f32,
): void {
  for (let group = firstGroup; group < endGroup; group++) {
    const filterOffset = usize(group) * filterBytes;
    const filter = filterWeights + filterOffset;
    let dense = usize(group) * denseBytes;
    memory.fill(sums, 0, usize(sumSlots) * 64);
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column += tileWidth) {
        const positions = min(tileWidth, outWidth - column);
        const weights = denseWeights + dense;
        for (let block = 0; block < blocks; block += TILE_BLOCKS) {
          const count = min(TILE_BLOCKS, blocks - block);
          const corner = pixelAt(images, block, row, column);
          const d = cotangent + usize(block) * logitBytes;
          convolve(corner, filter, tile, positions, count, true);
          denseGradient(tile, d, gradient, positions, count, block > 0);
          hiddenGradient(tile, weights, d, positions, count);
          addFilterGradient(corner, tile, positions, count, offsets, ones, sums);
        }
        const bytes = usize(positions) * columnBytes;
        adam(weights, denseFirst + dense, denseSecond + dense, gradient, bytes, stepSize, correction);
        dense += bytes;
      }
    }
    collectFilterGradient(sums, gradient);
    adam(
      filter,
      filterFirst + filterOffset,
      filterSecond + filterOffset,
      gradient,
      filterBytes,
      stepSize,
      correction,
    );
  }
}

/**
 * Hidden activations of at most 64 images, row-major.
 * @param rectify whether to return the ReLU's output instead of its input
 * @param target output, [count][filters][positions]
 */
export function forwardHidden(images: usize, count: i32, groups: i32, rectify: bool, target: usize): void {
  const blocks = evenBlocks(count);
  for (let group = 0; group < groups; group++) {
    const filter = filterWeights + usize(group) * filterBytes;
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column += tileWidth) {
        const positions = min(tileWidth, outWidth - column);
        convolve(pixelAt(images, 0, row, column), filter, tile, positions, blocks, rectify);
        unpackTile(tile, target, group, row * outWidth + column, positions, blocks, count);
      }
    }
  }
}

/**
 * The gradient with respect to the pixels, from d / d(logits), of at most 64 images.
 * @param result output, [blocks][pixels][4 images]
 */
export function imageGradientOfLogits(
  images: usize,
  blocks: i32,
  groups: i32,
  cotangent: usize,
  result: usize,
): void {
  memory.fill(result, 0, usize(blocks) * imageBytes);
  for (let group = 0; group < groups; group++) {
    const filter = filterWeights + usize(group) * filterBytes;
    let dense = denseWeights + usize(group) * denseBytes;
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column += tileWidth) {
        const positions = min(tileWidth, outWidth - column);
        convolve(pixelAt(images, 0, row, column), filter, tile, positions, blocks, true);
        hiddenGradient(tile, dense, cotangent, positions, blocks);
        addImageGradient(tile, filter, pixelAt(result, 0, row, column), positions, blocks);
        dense += usize(positions) * columnBytes;
      }
    }
  }
}

/**
 * The gradient with respect to the pixels of an objective of the hidden activations, for at most 64 images.
 * @param given row-major [count][filters][positions]: the target of a squared error, or a cotangent
 * @param squared whether the objective is a squared error; its derivative is scale x (activation - target)
 * @param values output, float64 [blocks][4 images]: sums of squares, or of cotangent x activation
 * @param result output, [blocks][pixels][4 images]
 */
export function imageGradientOfHidden(
  images: usize,
  count: i32,
  groups: i32,
  rectify: bool,
  given: usize,
  squared: bool,
  scale: f32,
  values: usize,
  result: usize,
): void {
  const blocks = evenBlocks(count);
  memory.fill(result, 0, usize(blocks) * imageBytes);
  memory.fill(values, 0, usize(blocks) * 32);
  for (let group = 0; group < groups; group++) {
    const filter = filterWeights + usize(group) * filterBytes;
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column += tileWidth) {
        const positions = min(tileWidth, outWidth - column);
        convolve(pixelAt(images, 0, row, column), filter, tile, positions, blocks, rectify);
        packTile(given, other, group, row * outWidth + column, positions, blocks, count);
        if (squared) {
          squaredErrorTile(tile, other, values, positions, blocks, scale, rectify);
        } else {
          cotangentTile(tile, other, values, positions, blocks, rectify);
        }
        addImageGradient(tile, filter, pixelAt(result, 0, row, column), positions, blocks);
      }
    }
  }
}
