import { CallError } from '../ml/callError.ts';
import { type Raster, showsInk } from '../ml/pictures/gray.ts';
import { readDigits } from '../ml/pictures/read.ts';
import type { DecodedPicture, PictureCalls, PictureToDecode } from './protocol.ts';
import { type Endpoint, serve, Transferred } from './rpc.ts';

/** Maximum number of animation frames to search for one with ink. */
const MOST_FRAMES = 200;

/** Decodes and reads a picture in a worker: 100 megapixels take seconds, which would block the page. */
export function createPictureDecoder(endpoint: Endpoint): void {
  serve<PictureCalls, never>(endpoint, {
    async decode(picture) {
      const decoded = await decodePicture(picture);
      return new Transferred(decoded, [decoded.raster.data.buffer]);
    },
    async read({ raster, options }) {
      const reading = readDigits(raster, options);
      const { paper, ink, parts } = reading;
      return new Transferred(reading, [paper.buffer, ink.buffer, parts.buffer]);
    },
  });
}

/** Decodes still pictures, for readers of many: all are drawn on one canvas, because a new canvas costs more than a decoding. */
export function createStillDecoder(): (picture: Omit<PictureToDecode, 'animated'>) => Promise<Raster> {
  let canvas: OffscreenCanvas | undefined;
  return async (picture) => {
    const bitmap = await createImageBitmap(picture.file, scaling(picture));
    canvas ??= new OffscreenCanvas(bitmap.width, bitmap.height);
    return rasterOf(bitmap, canvas);
  };
}

async function decodePicture(picture: PictureToDecode): Promise<DecodedPicture> {
  const first = rasterOf(await createImageBitmap(picture.file, scaling(picture)));
  if (!picture.animated || showsInk(first)) return { raster: first, frame: 0 };
  return (await laterFrameWithInk(picture)) ?? { raster: first, frame: 0 };
}

/** Returns undefined if the browser cannot decode single frames, or if no frame has ink. */
async function laterFrameWithInk(picture: PictureToDecode): Promise<DecodedPicture | undefined> {
  if (!('ImageDecoder' in globalThis)) return undefined;
  const decoder = new ImageDecoder({ data: await picture.file.arrayBuffer(), type: picture.file.type });
  try {
    await decoder.tracks.ready;
    // The frame count is known only after all data have been read.
    await decoder.completed;
    const count = Math.min(MOST_FRAMES, decoder.tracks.selectedTrack?.frameCount ?? 0);
    for (let frame = 1; frame < count; frame++) {
      const { image } = await decoder.decode({ frameIndex: frame });
      const raster = rasterOf(await createImageBitmap(image, scaling(picture)));
      image.close();
      if (showsInk(raster)) return { raster, frame };
    }
    return undefined;
  } finally {
    decoder.close();
  }
}

function scaling({
  width,
  height,
  largestSide,
}: Omit<PictureToDecode, 'animated' | 'file'>): ImageBitmapOptions | undefined {
  if (Math.max(width, height) <= largestSide) return undefined;
  // Give only one side, because Exif data may rotate a photograph.
  return { [width >= height ? 'resizeWidth' : 'resizeHeight']: largestSide, resizeQuality: 'high' };
}

function rasterOf(
  bitmap: ImageBitmap,
  canvas = new OffscreenCanvas(bitmap.width, bitmap.height),
): Raster & { data: Uint8ClampedArray<ArrayBuffer> } {
  const { width, height } = bitmap;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new CallError('decode', 'expected a canvas to decode on, found none. Reload the page.');
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  } else context.clearRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { data: context.getImageData(0, 0, width, height).data, width, height };
}
