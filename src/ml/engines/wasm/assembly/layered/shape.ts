/**
 * Activations of a shard of 16 images are stored as [map][row][column][16 images], so one cache line holds one unit of all
 * images. Rows may have columns of zeros on both sides, which a convolution reads beyond the image's edge.
 */

/** Bytes of one unit of all images. */
export const PIXEL: usize = 64;
