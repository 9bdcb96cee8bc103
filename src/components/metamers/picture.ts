/** Side of a reference's or a metamer's picture, in CSS pixels. */
export const PICTURE_SIZE = 132;
/** Pixel values shown as black and white. */
export const PICTURE_SCALE = { low: 0, high: 1 };
