import { crc32, deflateSync } from 'node:zlib';

/** Valid and invalid picture files, made byte by byte. */

export interface Rgba {
  width: number;
  height: number;
  /** Red, green, blue and alpha of a pixel. */
  at(x: number, y: number): [number, number, number, number];
}

export function png({ width, height, at }: Rgba): Buffer {
  const rows = Buffer.alloc(height * (1 + 4 * width));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows.set(at(x, y), y * (1 + 4 * width) + 1 + 4 * x);
  }
  return pngFile({ width, height, depth: 8, colorType: 6 }, deflateSync(rows));
}

/** A black PNG of one bit per pixel with a white vertical stroke: any number of pixels in few bytes. */
export function largePng(width: number, height: number): Buffer {
  const row = Buffer.alloc(1 + Math.ceil(width / 8));
  row.fill(255, Math.floor(row.length * 0.47), Math.floor(row.length * 0.53));
  const empty = Buffer.alloc(row.length);
  const inked = (y: number) => y > height * 0.2 && y < height * 0.8;
  const rows = Buffer.concat(Array.from({ length: height }, (_, y) => (inked(y) ? row : empty)));
  return pngFile({ width, height, depth: 1, colorType: 0 }, deflateSync(rows));
}

/** A valid header before damaged compressed data. */
export function corruptPng(): Buffer {
  return pngFile({ width: 28, height: 28, depth: 8, colorType: 6 }, Buffer.from('this is not deflated data'));
}

function pngFile(
  { width, height, depth, colorType }: { width: number; height: number; depth: number; colorType: number },
  data: Buffer,
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = depth;
  header[9] = colorType;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A GIF of several frames of 0 and 1; regular clear codes keep every LZW code at 8 bits. */
export function animatedGif(frames: Uint8Array[], width: number, height: number): Buffer {
  const size = [width & 255, width >> 8, height & 255, height >> 8];
  const colors = Array.from({ length: 128 }, (_, i) => (i === 1 ? [255, 255, 255] : [0, 0, 0])).flat();
  const parts: number[] = [...Buffer.from('GIF89a', 'latin1'), ...size, 0xf6, 0, 0, ...colors];
  for (const frame of frames) {
    parts.push(0x21, 0xf9, 4, 0, 20, 0, 0, 0, 0x2c, 0, 0, 0, 0, ...size, 0, 7);
    const codes: number[] = [];
    frame.forEach((value, i) => {
      if (i % 100 === 0) codes.push(128);
      codes.push(value);
    });
    codes.push(129);
    for (let i = 0; i < codes.length; i += 255) {
      const block = codes.slice(i, i + 255);
      parts.push(block.length, ...block);
    }
    parts.push(0);
  }
  return Buffer.from([...parts, 0x3b]);
}

/** A dark seven on light paper, off-center. */
export function sevenOnPaper(width = 200, height = 260): Rgba {
  return {
    width,
    height,
    at(x, y) {
      const [u, v] = [x / width, y / height];
      const top = v > 0.12 && v < 0.18 && u > 0.1 && u < 0.62;
      const center = 0.6 - 0.45 * (v - 0.15);
      const stem = v >= 0.15 && v < 0.75 && Math.abs(u - center) < 0.045;
      const gray = top || stem ? 30 : 235;
      return [gray, gray, gray, 255];
    },
  };
}
