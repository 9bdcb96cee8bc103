import { blobSource } from '../ml/formats/byteSource.ts';
import { AxesQuestion, type AxisOrder, type ReadContext, type ReadImages } from '../ml/imageFiles/given.ts';
import { readImages } from '../ml/imageFiles/readImages.ts';
import { sniffPicture } from '../ml/pictures/sniff.ts';
import { createStillDecoder } from './picture.ts';
import type { ImagesToRead } from './protocol.ts';

/** Reads images with this worker's decoder of pictures; returns a question where only the person knows the answer. */
export async function readGivenImages(
  files: ImagesToRead['files'],
  { signal, progress, axes }: Pick<ReadContext, 'signal' | 'progress'> & { axes?: AxisOrder },
): Promise<ReadImages | string> {
  const given = files.map(({ path, file }) => ({ path, source: blobSource(file, path) }));
  const decodeStill = createStillDecoder();
  const decode: ReadContext['decode'] = (bytes, path, largestSide) => {
    const { width = 0, height = 0, mimeType } = sniffPicture(bytes, path);
    return decodeStill({ file: new Blob([bytes], { type: mimeType }), width, height, largestSide });
  };
  try {
    return await readImages(given, { signal, progress, axes, decode });
  } catch (error) {
    if (error instanceof AxesQuestion) return error.message;
    throw error;
  }
}
