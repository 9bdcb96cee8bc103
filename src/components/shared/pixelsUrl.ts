import type { InputShape } from '../../ml/model/network.ts';

const PALETTE = 256;
const HEADER_BYTES = 54;
/** A multiple of 3, so that the base64 texts of header and pixels can be concatenated. */
const GRAY_PIXELS_AT = 1080;

const headers = new Map<string, string>();

/**
 * Pixels in [0, 1] as a data URL of a BMP: 8 bits for gray, 24 for color. Hundreds of these cost less than hundreds of
 * canvases, each of which is a separate compositor layer.
 */
export function pixelsUrl(pixels: Float32Array, shape: InputShape): string {
  const { channels, height, width } = shape;
  const isColor = channels === 3;
  const rowBytes = Math.ceil((width * channels) / 4) * 4;
  const rows = new Uint8Array(rowBytes * height);
  const area = height * width;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = row * width + column;
      const to = row * rowBytes + column * channels;
      // BMP has blue, green and red.
      if (isColor) {
        for (let k = 0; k < 3; k++) rows[to + k] = Math.round(255 * pixels[from + (2 - k) * area]);
      } else {
        rows[to] = Math.round(255 * pixels[from]);
      }
    }
  }
  const key = `${width} ${height} ${channels}`;
  const header = headers.get(key) ?? headerOf(shape, rows.length);
  headers.set(key, header);
  return `data:image/bmp;base64,${header}${base64(rows)}`;
}

function headerOf({ channels, height, width }: InputShape, size: number): string {
  const start = channels === 3 ? HEADER_BYTES : GRAY_PIXELS_AT;
  const bytes = new Uint8Array(start);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, start + size, true);
  view.setUint32(10, start, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  // A negative height puts the first row at the top.
  view.setInt32(22, -height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 8 * channels, true);
  if (channels === 1) {
    view.setUint32(46, PALETTE, true);
    for (let i = 0; i < PALETTE; i++) bytes.fill(i, HEADER_BYTES + 4 * i, HEADER_BYTES + 4 * i + 3);
  }
  return base64(bytes);
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
