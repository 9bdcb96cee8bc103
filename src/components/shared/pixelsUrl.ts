const PALETTE = 256;
/** A multiple of 3, so that the base64 texts of header and pixels can be concatenated. */
const PIXELS_AT = 1080;

const headers = new Map<string, string>();

/**
 * Gray pixels in [0, 1] as a data URL of an 8-bit BMP. Hundreds of these cost less than hundreds of canvases, each of which
 * is a separate compositor layer.
 */
export function pixelsUrl(pixels: Float32Array, width: number): string {
  const height = pixels.length / width;
  const rowBytes = Math.ceil(width / 4) * 4;
  const rows = new Uint8Array(rowBytes * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      rows[row * rowBytes + column] = Math.round(255 * pixels[row * width + column]);
    }
  }
  const key = `${width} ${height}`;
  const header = headers.get(key) ?? headerOf(width, height, rows.length);
  headers.set(key, header);
  return `data:image/bmp;base64,${header}${base64(rows)}`;
}

function headerOf(width: number, height: number, size: number): string {
  const bytes = new Uint8Array(PIXELS_AT);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, PIXELS_AT + size, true);
  view.setUint32(10, PIXELS_AT, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  // A negative height puts the first row at the top.
  view.setInt32(22, -height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 8, true);
  view.setUint32(46, PALETTE, true);
  for (let i = 0; i < PALETTE; i++) bytes.fill(i, 54 + 4 * i, 54 + 4 * i + 3);
  return base64(bytes);
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
