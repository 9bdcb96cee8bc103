/** Number of blocks of four images for `count` images, rounded up to an even number for the kernels. */
export function evenBlocks(count: number): number {
  return 2 * Math.ceil(count / 8);
}

/** Index of an item of an image in the kernels' layout [blocks][items][4 images]. */
export function blockIndex(image: number, item: number, items: number): number {
  return ((image >> 2) * items + item) * 4 + (image & 3);
}
