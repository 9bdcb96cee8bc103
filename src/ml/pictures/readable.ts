/** The picture formats for error messages, apart from the reader so that the first paint does not load the reader. */
export const READABLE = 'PNG, JPEG, WebP, GIF, AVIF, BMP, ICO or SVG';
