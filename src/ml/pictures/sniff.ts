import { PictureError } from './pictureError.ts';
import { READABLE } from './readable.ts';

export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'gif' | 'avif' | 'bmp' | 'ico' | 'svg';

export interface PictureInfo {
  format: PictureFormat;
  mimeType: string;
  /** Size in pixels; unknown for SVG, which has no pixels of its own. */
  width?: number;
  height?: number;
  /** The picture has more than one frame; the first frame with ink is used. */
  animated: boolean;
}

const MIME_TYPES: Record<PictureFormat, string> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  avif: 'image/avif',
  bmp: 'image/bmp',
  ico: 'image/x-icon',
  svg: 'image/svg+xml',
};

const MAX_PIXELS = 100_000_000;
/** An SVG's root element must begin within this many bytes. */
const TEXT_HEAD = 65_536;

/** Signatures of other kinds of files, so that the message can name them. */
const OTHERS: [name: string, signature: string, offset?: number][] = [
  ['a PDF', '%PDF-'],
  ['a ZIP archive', 'PK\x03\x04'],
  ['a gzip file', '\x1f\x8b'],
  ['a TIFF picture', 'II*\0'],
  ['a TIFF picture', 'MM\0*'],
  ['a HEIC picture', 'ftyphei', 4],
  ['a HEIC picture', 'ftypmif1', 4],
  ['a video', 'ftyp', 4],
  ['a Photoshop picture', '8BPS'],
];

type Header = Omit<PictureInfo, 'format' | 'mimeType'>;

/**
 * Recognizes a picture by its bytes, whatever its name, and reads its size without decoding.
 * @param bytes the whole file.
 * @param name the file's name, for messages.
 * @throws PictureError `empty`, `notPicture`, `damaged`, or `tooLarge` above 100 megapixels.
 */
export function sniffPicture(bytes: Uint8Array, name: string): PictureInfo {
  if (bytes.length === 0) {
    throw new PictureError(
      'empty',
      'sniffPicture',
      `expected a picture in ${name}, found an empty file. Choose another.`,
    );
  }
  const format = formatOf(bytes);
  if (!format) {
    throw new PictureError(
      'notPicture',
      'sniffPicture',
      `expected a picture (${READABLE}) in ${name}, found ${kindOf(bytes)}. Choose another, or save it as PNG.`,
    );
  }
  const header = readHeader(bytes, format);
  if (!header || header.width === 0 || header.height === 0) {
    throw new PictureError(
      'damaged',
      'sniffPicture',
      `expected a whole ${format.toUpperCase()} picture in ${name}, found a damaged one. Choose another copy.`,
    );
  }
  const { width = 0, height = 0 } = header;
  if (width * height > MAX_PIXELS) {
    throw new PictureError(
      'tooLarge',
      'sniffPicture',
      `expected at most 100 megapixels in ${name}, found ${width} x ${height}. Make it smaller first.`,
    );
  }
  return { format, mimeType: MIME_TYPES[format], ...header };
}

function formatOf(bytes: Uint8Array): PictureFormat | undefined {
  if (ascii(bytes, 0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (ascii(bytes, 0, 3) === '\xff\xd8\xff') return 'jpeg';
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 4) === 'WEBP') return 'webp';
  if (/^GIF8[79]a/.test(ascii(bytes, 0, 6))) return 'gif';
  if (
    /^ftyp(avif|avis)$/.test(ascii(bytes, 4, 8)) ||
    (ascii(bytes, 4, 8) === 'ftypmif1' && hasBrand(bytes, 'avif'))
  ) {
    return 'avif';
  }
  if (ascii(bytes, 0, 2) === 'BM' && isBmp(bytes)) return 'bmp';
  if (ascii(bytes, 0, 4) === '\0\0\x01\0') return 'ico';
  return isSvg(bytes) ? 'svg' : undefined;
}

/** Whether a brand is listed in the first box of an ISO file. */
function hasBrand(bytes: Uint8Array, brand: string): boolean {
  const end = Math.min(bytes.length, viewOf(bytes).getUint32(0), 256);
  for (let at = 16; at + 4 <= end; at += 4) if (ascii(bytes, at, 4) === brand) return true;
  return false;
}

/** Texts can begin with "BM", too, so the size of the second header must be a known one. */
function isBmp(bytes: Uint8Array): boolean {
  return bytes.length >= 18 && [12, 16, 40, 52, 56, 64, 108, 124].includes(viewOf(bytes).getUint32(14, true));
}

function readHeader(bytes: Uint8Array, format: PictureFormat): Header | undefined {
  try {
    switch (format) {
      case 'png':
        return readPng(bytes);
      case 'jpeg':
        return readJpeg(bytes);
      case 'webp':
        return readWebp(bytes);
      case 'gif':
        return readGif(bytes);
      case 'avif':
        return readAvif(bytes);
      case 'bmp':
        return readBmp(bytes);
      case 'ico':
        return readIco(bytes);
      case 'svg':
        return { animated: false };
      default:
        return format satisfies never;
    }
  } catch (error) {
    // A DataView throws when read past its end: the file is truncated.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** PNG: chunks of length, type, data, checksum. IHDR is first; acTL (APNG) precedes IDAT. */
function readPng(bytes: Uint8Array): Header | undefined {
  const view = viewOf(bytes);
  if (ascii(bytes, 12, 4) !== 'IHDR') return undefined;
  const size = { width: view.getUint32(16), height: view.getUint32(20) };
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const type = ascii(bytes, at + 4, 4);
    if (type === 'acTL') return { ...size, animated: view.getUint32(at + 8) > 1 };
    if (type === 'IDAT') break;
  }
  return { ...size, animated: false };
}

/** JPEG: segments of marker, length, data. A start-of-frame segment holds the size. */
function readJpeg(bytes: Uint8Array): Header | undefined {
  const view = viewOf(bytes);
  let at = 2;
  while (view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    // C4, C8 and CC are in the range of frame markers but denote tables.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5), animated: false };
    }
    if (marker === 0xd9 || marker === 0xda) return undefined;
    const alone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += alone ? 2 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** WebP: a RIFF file whose first chunk is VP8X (extended), VP8L (lossless) or VP8 (lossy). */
function readWebp(bytes: Uint8Array): Header | undefined {
  const view = viewOf(bytes);
  switch (ascii(bytes, 12, 4)) {
    case 'VP8X':
      return {
        width: 1 + (view.getUint32(24, true) & 0xffffff),
        height: 1 + (view.getUint16(27, true) | (view.getUint8(29) << 16)),
        animated: (view.getUint8(20) & 2) !== 0,
      };
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff), animated: false };
    }
    case 'VP8 ':
      return {
        width: view.getUint16(26, true) & 0x3fff,
        height: view.getUint16(28, true) & 0x3fff,
        animated: false,
      };
    default:
      return undefined;
  }
}

/** GIF: blocks after the header: 0x21 an extension, 0x2c a frame, 0x3b the end. */
function readGif(bytes: Uint8Array): Header | undefined {
  const view = viewOf(bytes);
  const size = { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  const colorTable = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  let at = 13 + colorTable(view.getUint8(10));
  let frames = 0;
  while (at < bytes.length && frames < 2) {
    const block = bytes[at];
    if (block === 0x2c) {
      frames++;
      if (at + 10 > bytes.length) break;
      at += 11 + colorTable(bytes[at + 9]);
    } else if (block === 0x21) {
      at += 2;
    } else {
      break;
    }
    // Skip sub-blocks, each a length and that many bytes, up to one of length 0.
    while (at < bytes.length && bytes[at] > 0) at += 1 + bytes[at];
    at++;
  }
  return frames > 0 ? { ...size, animated: frames > 1 } : undefined;
}

/** AVIF: properties of type ispe hold sizes. The largest is the picture's; smaller ones are tiles or thumbnails. */
function readAvif(bytes: Uint8Array): Header | undefined {
  const view = viewOf(bytes);
  let size: { width: number; height: number } | undefined;
  for (let at = 8; at + 16 <= Math.min(bytes.length, TEXT_HEAD); at++) {
    if (bytes[at] !== 0x69 || ascii(bytes, at, 4) !== 'ispe') continue;
    const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
    if (!size || width * height > size.width * size.height) size = { width, height };
  }
  return size && { ...size, animated: ascii(bytes, 8, 4) === 'avis' };
}

/** BMP: a negative height means that the top row comes first. */
function readBmp(bytes: Uint8Array): Header {
  const view = viewOf(bytes);
  if (view.getUint32(14, true) === 12) {
    return { width: view.getUint16(18, true), height: view.getUint16(20, true), animated: false };
  }
  const [width, height] = [view.getInt32(18, true), view.getInt32(22, true)];
  return { width: Math.max(0, width), height: Math.abs(height), animated: false };
}

/** ICO: a directory of pictures in several sizes. The browser takes the largest; 0 means 256 pixels. */
function readIco(bytes: Uint8Array): Header | undefined {
  const view = viewOf(bytes);
  const count = view.getUint16(4, true);
  let [width, height] = [0, 0];
  for (let i = 0; i < count; i++) {
    width = Math.max(width, view.getUint8(6 + 16 * i) || 256);
    height = Math.max(height, view.getUint8(7 + 16 * i) || 256);
  }
  return count > 0 ? { width, height, animated: false } : undefined;
}

/** SVG: text whose first element, after the declaration, comments and document type, is `svg`. */
function isSvg(bytes: Uint8Array): boolean {
  let text = headText(bytes).trimStart();
  for (;;) {
    const end = text.startsWith('<?')
      ? '?>'
      : text.startsWith('<!--')
        ? '-->'
        : /^<!doctype/i.test(text)
          ? doctypeEnd(text)
          : undefined;
    if (end === undefined) return /^<(\w+:)?svg[\s>/]/.test(text);
    const at = text.indexOf(end);
    if (at < 0) return false;
    text = text.slice(at + end.length).trimStart();
  }
}

/** Skips a document type, which may hold declarations in brackets. */
function doctypeEnd(text: string): string {
  const bracket = text.indexOf('[');
  return bracket >= 0 && bracket < text.indexOf('>') ? ']>' : '>';
}

function kindOf(bytes: Uint8Array): string {
  const other = OTHERS.find(
    ([, signature, offset = 0]) => ascii(bytes, offset, signature.length) === signature,
  );
  if (other) return other[0];
  const text = headText(bytes);
  if (/^\s*<(!doctype html|html)/i.test(text)) return 'a web page';
  // Text contains no control characters other than tabs, line ends and form feeds.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern looks for them.
  return /[\0-\x08\x0e-\x1a\x1c-\x1f\ufffd]/.test(text.slice(0, 1000)) ? 'bytes of another kind' : 'text';
}

function headText(bytes: Uint8Array): string {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(utf16 ? 'utf-16le' : 'utf-8').decode(bytes.subarray(0, TEXT_HEAD));
}

function ascii(bytes: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
