import { CallError } from '../ml/callError.ts';
import type { PictureCalls } from './protocol.ts';
import { type Endpoint, serve, Transferred } from './rpc.ts';

/** Decodes a picture: 100 megapixels take seconds, which the main thread does not have. */
export function createPictureDecoder(endpoint: Endpoint): void {
  serve<PictureCalls, never>(endpoint, {
    async decode({ file, width, height, largestSide }) {
      const scaled = Math.max(width, height) > largestSide;
      // Only one side is given: a photograph may be turned by its Exif data.
      const side = width >= height ? 'resizeWidth' : 'resizeHeight';
      const bitmap = await createImageBitmap(
        file,
        scaled ? { [side]: largestSide, resizeQuality: 'high' } : undefined,
      );
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', {
        willReadFrequently: true,
      });
      if (!context)
        throw new CallError('decode', 'expected a canvas to decode on, found none. Reload the page.');
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
      const raster = { data, width: bitmap.width, height: bitmap.height };
      bitmap.close();
      return new Transferred(raster, [data.buffer]);
    },
  });
}
