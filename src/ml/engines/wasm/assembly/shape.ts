/**
 * Sizes of the network, set once per instance. Images, activations and logits are stored in blocks of four images,
 * [block][item][4], so that one vector holds the same item of four images. Every batch is an even number of blocks.
 * Channels are stored in groups of four, and classes are padded to an even number; the padding is always zero.
 */

/** Bytes of one item (pixel or logit) of a block. */
export const ITEM: usize = 16;
/** Bytes of one position of a tile: four channels of one block. */
export const UNITS: usize = 64;
/** Maximum number of blocks of images in a tile. */
export const TILE_BLOCKS: i32 = 16;

export let width: i32 = 0;
export let height: i32 = 0;
export let kernel: i32 = 0;
export let taps: i32 = 0;
/** Number of sums in a filter's gradient: its taps and last the bias, padded to an even number. */
export let sumSlots: i32 = 0;
export let filters: i32 = 0;
export let outWidth: i32 = 0;
export let outHeight: i32 = 0;
/** Padded to an even number. */
export let classes: i32 = 0;
/** Positions of a full tile, which is part of one output row. */
export let tileWidth: i32 = 0;

/** Bytes of one block of images. */
export let imageBytes: usize = 0;
/** Bytes of one block of logits. */
export let logitBytes: usize = 0;
/** Bytes of one group's filters: [taps + 1][4 channels], with the bias last. */
export let filterBytes: usize = 0;
/** Bytes of one position's dense weights: [classes][4 channels]. */
export let columnBytes: usize = 0;
/** Bytes of one group's dense weights: [positions][classes][4 channels]. */
export let denseBytes: usize = 0;

export function configure(
  imageHeight: i32,
  imageWidth: i32,
  kernelSize: i32,
  filterCount: i32,
  paddedClasses: i32,
  positionsPerTile: i32,
): void {
  height = imageHeight;
  width = imageWidth;
  kernel = kernelSize;
  taps = kernelSize * kernelSize;
  sumSlots = (taps + 2) / 2 * 2;
  filters = filterCount;
  outHeight = imageHeight - kernelSize + 1;
  outWidth = imageWidth - kernelSize + 1;
  classes = paddedClasses;
  tileWidth = positionsPerTile;
  imageBytes = usize(imageHeight * imageWidth) * ITEM;
  logitBytes = usize(paddedClasses) * ITEM;
  filterBytes = usize(taps + 1) * 16;
  columnBytes = usize(paddedClasses) * 16;
  denseBytes = usize(outHeight * outWidth) * columnBytes;
}
