import type { Images } from '../../lab/images/images.ts';
import type { ReadPicture } from '../../lab/images/imagesState.ts';
import { CallError } from '../../ml/callError.ts';
import { type Raster, showsInk } from '../../ml/pictures/gray.ts';
import { PictureError } from '../../ml/pictures/pictureError.ts';
import { type PictureInfo, sniffPicture } from '../../ml/pictures/sniff.ts';
import { completeSvg } from '../../ml/pictures/svg.ts';

type Decode = Images['decode'];

/** Largest side kept, in pixels; far more than a 28 × 28 image needs. */
const LARGEST_SIDE = 400;
const MOST_BYTES = 256 * 2 ** 20;

/**
 * Decodes a picture file and scales it down to at most 400 pixels a side.
 * @throws PictureError with what is wrong with the file and what to do.
 */
export async function readPicture(file: File, decode: Decode): Promise<ReadPicture> {
  const name = file.name || 'the picture';
  if (file.size > MOST_BYTES) {
    throw new PictureError(
      'tooLarge',
      'readPicture',
      `expected at most ${MOST_BYTES / 2 ** 20} MB in ${name}, found ${Math.round(file.size / 2 ** 20)} MB. Make it smaller first.`,
    );
  }
  const bytes = new Uint8Array(await bytesOf(file, name));
  const info = sniffPicture(bytes, name);
  if (info.format === 'svg') return { name, ...(await readSvg(bytes, name)) };
  const { width = 0, height = 0, animated, mimeType } = info;
  const { raster, frame } = await decode({
    file: new Blob([bytes], { type: mimeType }),
    width,
    height,
    largestSide: LARGEST_SIDE,
    animated,
  }).catch(() => {
    throw undecoded(name, info);
  });
  if (animated && !showsInk(raster)) {
    throw new PictureError(
      'blank',
      'readPicture',
      `expected ink in the first frame of ${name}, which is animated, found a blank one${'ImageDecoder' in globalThis ? ', and no ink in later ones' : ''}. Save the frame that you want as PNG and choose that file.`,
    );
  }
  const which = frame === 0 ? 'its first frame is used' : `frame ${frame + 1} is used, the first with ink`;
  return { name, raster, remark: animated ? `${name} is animated: ${which}.` : undefined };
}

async function bytesOf(file: File, name: string): Promise<ArrayBuffer> {
  try {
    return await file.arrayBuffer();
  } catch {
    throw new PictureError(
      'notPicture',
      'readPicture',
      `expected a picture's file, but ${name} cannot be read. If it is a folder, choose one picture in it. To train on its pictures, drop a .zip of the folder.`,
    );
  }
}

/** Rasterizes an SVG, which may have no size in pixels and can be drawn only through an image element. */
async function readSvg(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): Promise<Pick<ReadPicture, 'raster' | 'remark'>> {
  const { text, missing } = completeSvg(bytes);
  const flaw = flawOf(text);
  if (flaw !== undefined) {
    throw new PictureError(
      'damaged',
      'readPicture',
      `expected an SVG in ${name}, found XML that is not well formed (${flaw}). Repair it, or save the picture as PNG.`,
    );
  }
  const address = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const { naturalWidth: width, naturalHeight: height } = image;
    const scale = LARGEST_SIDE / Math.max(width, height, 1);
    const side = (length: number) => Math.max(1, Math.round((length || 1) * scale));
    const remark =
      missing.length > 0
        ? `${name} does not declare ${missing.join(' and ')}; it is read as if it did.`
        : undefined;
    return { raster: pixelsOf(image, side(width), side(height)), remark };
  } catch {
    throw undecoded(name, { format: 'svg' });
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** The browser's message about an error in an XML text. */
function flawOf(text: string): string | undefined {
  const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
  const error = parsed.querySelector('parsererror');
  return (
    error?.textContent
      ?.match(/error[^:]*: *([^\n]+)|: *([^\n]+)/)
      ?.slice(1)
      .find(Boolean)
      ?.trim() ?? (error ? 'no reason given' : undefined)
  );
}

function pixelsOf(source: CanvasImageSource, width: number, height: number): Raster {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context)
    throw new CallError('readPicture', 'expected a canvas to decode on, found none. Reload the page.');
  context.drawImage(source, 0, 0, width, height);
  return { data: context.getImageData(0, 0, width, height).data, width, height };
}

function undecoded(name: string, { format }: Pick<PictureInfo, 'format'>): PictureError {
  const kind =
    format === 'svg' || format === 'jpeg' || format === 'png'
      ? ''
      : `, or save it as PNG: not every browser reads ${format.toUpperCase()}`;
  return new PictureError(
    'damaged',
    'readPicture',
    `expected a whole picture in ${name}, but it cannot be decoded. Choose another copy${kind}.`,
  );
}

/**
 * Fetches a picture by address: on this site, or inside the address itself (`data:`, `blob:`). The page's
 * Content-Security-Policy allows no other site.
 */
export async function fetchPicture(address: string, decode: Decode): Promise<ReadPicture> {
  const url = new URL(address);
  const host = url.host || 'The page';
  if (url.protocol.startsWith('http') && url.origin !== location.origin) {
    throw new CallError(
      'fetchPicture',
      `the picture is at ${host}, and this page never contacts other sites. Save the picture and drop the file here, or copy the picture and paste it.`,
    );
  }
  let response: Response;
  try {
    response = await fetch(url, { credentials: 'omit' });
  } catch {
    throw new CallError(
      'fetchPicture',
      `expected a picture from ${host}, but the site did not answer. Save the picture and drop the file here.`,
    );
  }
  if (!response.ok) {
    throw new CallError(
      'fetchPicture',
      `expected a picture from ${host}, found status ${response.status}. Save the picture and drop the file here.`,
    );
  }
  const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '') || host;
  return readPicture(
    new File([await response.blob()], url.protocol === 'data:' ? 'the picture' : name),
    decode,
  );
}
