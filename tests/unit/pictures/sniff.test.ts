import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PictureErrorKind } from '../../../src/ml/pictures/pictureError.ts';
import { type PictureFormat, sniffPicture } from '../../../src/ml/pictures/sniff.ts';

const decode = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
const text = (content: string) => new TextEncoder().encode(content);

// Pictures of 7 x 5 pixels, written by Pillow.
const PNG = decode(
  'iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFCAIAAAAG+GGPAAAAFElEQVR4nGNk0DjBgAGYMIWoIgoAZwwA+jPtA44AAAAASUVORK5CYII=',
);
const APNG = decode(
  'iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFCAIAAAAG+GGPAAAACGFjVEwAAAACAAAAAPONk3AAAAAaZmNUTAAAAAAAAAAHAAAABQAAAAAAAAAAAAEAFAAAW2fQ2gAAABRJREFUeJxjZNA4wYABmDCFqCIKAGcMAPoz7QOOAAAAGmZjVEwAAAABAAAABwAAAAUAAAAAAAAAAAABABQAAMAUOg4AAAAYZmRBVAAAAAJ4nGOM0jjBgAGYMIWoIgoAjV4BVLgB4a8AAAAASUVORK5CYII=',
);
const JPEG = decode(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/2wBDAQkJCQwLDBgNDRgyIRwhMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjL/wgARCAAFAAcDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAb/xAAVAQEBAAAAAAAAAAAAAAAAAAAEBv/aAAwDAQACEAMQAAABlhTA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABBQJ//9k=',
);
const GIF = decode('R0lGODdhBwAFAIEAAAAoyAAAAAAAAAAAACwAAAAABwAFAAAIDAABCBxIsKDBgwcDAgA7');
const ANIMATED_GIF = decode(
  'R0lGODlhBwAFAIEAAAAoyAAAAAAAAAAAACH5BAAFAAAALAAAAAAHAAUAAAgMAAEIHEiwoMGDBwMCACH5BAEFAAEALAAAAAAHAAUAgVooyAAAAAAAAAAAAAgMAAEIHEiwoMGDBwMCACH5BAEFAAEALAAAAAAHAAUAgbQoyAAAAAAAAAAAAAgMAAEIHEiwoMGDBwMCADs=',
);
const LOSSY_WEBP = decode(
  'UklGRjgAAABXRUJQVlA4ICwAAACwAQCdASoHAAUAAsBMJaACdLoABj2AAP7xTa/89M/rb+P/Mz8VvqBoOAAAAA==',
);
const LOSSLESS_WEBP = decode('UklGRhwAAABXRUJQVlA4TBAAAAAvBgABAAdQlChy/wMR0f8A');
const WEBP_WITH_ALPHA = decode(
  'UklGRkgAAABXRUJQVlA4WAoAAAAQAAAABgAABAAAQUxQSAoAAAABB1CyiAhERP8DVlA4IBgAAAAwAQCdASoHAAUAAsBMJaQAA3AA/vfggAA=',
);
const ANIMATED_WEBP = decode(
  'UklGRsAAAABXRUJQVlA4WAoAAAACAAAABgAABAAAQU5JTQYAAAAAAAAAAABBTk1GSAAAAAAAAAAAAAYAAAQAADIAAAJWUDggMAAAADABAJ0BKgcABQABQCYloAADcAD++X2///3sF//uwX/+7Bf7Mf//i0P7ef8GtpQAAEFOTUZEAAAAAAAAAAAABgAABAAAMgAAAFZQOCAsAAAANAEAnQEqBwAFAAAAJiWgAANwAP70GLf/+0s//7aH//tof82f/rXK1aOAAAA=',
);

const caseFile = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../cases/pictures/${name}`, import.meta.url)));

/** The directory of an icon. */
const icon = (...sides: number[]) =>
  Uint8Array.of(
    0,
    0,
    1,
    0,
    sides.length,
    0,
    ...sides.flatMap((side) => [side, side, ...new Array(14).fill(0)]),
  );

const withBytes = (bytes: Uint8Array, at: number, values: number[]) => {
  const copy = bytes.slice();
  copy.set(values, at);
  return copy;
};

describe('sniffPicture', () => {
  it.each<[string, Uint8Array, PictureFormat, string, boolean]>([
    ['PNG', PNG, 'png', 'image/png', false],
    ['animated PNG', APNG, 'png', 'image/png', true],
    ['progressive JPEG', JPEG, 'jpeg', 'image/jpeg', false],
    ['GIF', GIF, 'gif', 'image/gif', false],
    ['animated GIF', ANIMATED_GIF, 'gif', 'image/gif', true],
    ['lossy WebP', LOSSY_WEBP, 'webp', 'image/webp', false],
    ['lossless WebP', LOSSLESS_WEBP, 'webp', 'image/webp', false],
    ['WebP with alpha', WEBP_WITH_ALPHA, 'webp', 'image/webp', false],
    ['animated WebP', ANIMATED_WEBP, 'webp', 'image/webp', true],
  ])('recognizes a %s and its size', (_, bytes, format, mimeType, animated) => {
    expect(sniffPicture(bytes, 'file')).toEqual({ format, mimeType, animated, width: 7, height: 5 });
  });

  it.each<[string, Uint8Array, PictureFormat, string, number, number]>([
    ['AVIF', caseFile('two.avif'), 'avif', 'image/avif', 640, 480],
    ['BMP', caseFile('two.bmp'), 'bmp', 'image/bmp', 64, 48],
    ['icon of 16 and 256 pixels', icon(16, 0), 'ico', 'image/x-icon', 256, 256],
  ])('recognizes an %s and its size', (_, bytes, format, mimeType, width, height) => {
    expect(sniffPicture(bytes, 'file')).toEqual({ format, mimeType, width, height, animated: false });
  });

  it.each([
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '\ufeff<?xml version="1.0"?>\n<!-- a > digit -->\n<svg>',
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x" [<!ENTITY a "b">]>\n<svg:svg width="3">',
  ])('recognizes an SVG by its root: %s', (content) => {
    expect(sniffPicture(text(content), 'file')).toEqual({
      format: 'svg',
      mimeType: 'image/svg+xml',
      animated: false,
    });
  });

  it.each<[string, Uint8Array, PictureErrorKind, string]>([
    ['an empty file', new Uint8Array(0), 'empty', 'found an empty file'],
    ['a text', text('Hello, I am a picture.\n'), 'notPicture', 'in digit.png, found text'],
    ['a web page', text('<!doctype html><body><svg></svg>'), 'notPicture', 'found a web page'],
    ['another XML', text('<?xml version="1.0"?><root><svg/></root>'), 'notPicture', 'found text'],
    ['a PDF', text('%PDF-1.7'), 'notPicture', 'found a PDF'],
    ['a text that begins with BM', text('BM is a kind of picture.'), 'notPicture', 'found text'],
    ['a HEIC', text('\0\0\0\x18ftypheic'), 'notPicture', 'found a HEIC picture'],
    ['a cut AVIF', text('\0\0\0\x18ftypavif'), 'damaged', 'a whole AVIF picture'],
    ['a cut icon', Uint8Array.of(0, 0, 1, 0, 1, 0, 16), 'damaged', 'a whole ICO picture'],
    ['other bytes', Uint8Array.of(1, 2, 3, 254), 'notPicture', 'found bytes of another kind'],
    ['a cut PNG', PNG.subarray(0, 20), 'damaged', 'a whole PNG picture'],
    ['a cut JPEG', JPEG.subarray(0, 100), 'damaged', 'a whole JPEG picture'],
    ['a cut GIF', GIF.subarray(0, 12), 'damaged', 'a whole GIF picture'],
    ['a cut WebP', LOSSY_WEBP.subarray(0, 25), 'damaged', 'a whole WEBP picture'],
    ['a PNG of no pixels', withBytes(PNG, 16, [0, 0, 0, 0]), 'damaged', 'a whole PNG'],
    [
      'a PNG of a trillion pixels',
      withBytes(PNG, 16, [0, 15, 66, 64, 0, 15, 66, 64]),
      'tooLarge',
      'expected at most 100 megapixels in digit.png, found 1000000 x 1000000',
    ],
    ['a GIF of 65535 x 65535', withBytes(GIF, 6, [255, 255, 255, 255]), 'tooLarge', '65535 x 65535'],
  ])('refuses %s', (_, bytes, kind, message) => {
    expect(() => sniffPicture(bytes, 'digit.png')).toThrow(
      expect.objectContaining({ name: 'PictureError', kind, message: expect.stringContaining(message) }),
    );
  });

  it('answers any damage in time with a picture or a clear error', () => {
    const samples = [
      PNG,
      APNG,
      JPEG,
      GIF,
      ANIMATED_GIF,
      LOSSY_WEBP,
      LOSSLESS_WEBP,
      ANIMATED_WEBP,
      caseFile('two.avif'),
      caseFile('two.bmp'),
      icon(16, 0),
      text('<?a?><svg/>'),
    ];
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(change), fc.nat(), (sample, changes, cut) => {
        const bytes = sample.slice(0, sample.length - (cut % 3 ? 0 : cut % sample.length));
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        try {
          const { width = 1, height = 1 } = sniffPicture(bytes, 'file');
          expect(width * height).toBeGreaterThan(0);
          expect(width * height).toBeLessThanOrEqual(1e8);
        } catch (error) {
          expect(error).toMatchObject({ name: 'PictureError' });
        }
      }),
      { numRuns: 3000 },
    );
  });
});
