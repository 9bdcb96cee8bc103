/**
 * Activations of a shard of 16 images lie as [map][row][column][16 images]: one cache line holds one unit of all images. Rows
 * may have columns of zeros on both sides, for a convolution that reads over the edge.
 */

/** Bytes of one unit of all images. */
export const PIXEL: usize = 64;
