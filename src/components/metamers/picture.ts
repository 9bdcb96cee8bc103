/** Pixels on the page of a reference's or a metamer's side. */
export const PICTURE_SIZE = 132;
/** Of their pixels, from black to white. */
export const PICTURE_SCALE = { low: 0, high: 1 };
