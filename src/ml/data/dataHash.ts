import { type DataSet, type LabeledImages, shapeOfData } from './dataset.ts';
import { sha256Hex } from './sha256.ts';

/**
 * Identifies a data set's content: SHA-256 of a JSON text with the images' shape, the class names, and the SHA-256 of each
 * part's pixels and labels. The name does not count.
 */
export async function dataHash(data: Pick<DataSet, 'classNames' | 'train' | 'test'>): Promise<string> {
  const partOf = async ({ images, labels, count }: LabeledImages) => [
    count,
    await sha256Hex(images),
    await sha256Hex(labels),
  ];
  const { channels, height, width } = shapeOfData(data).input;
  const content = [
    [channels, height, width],
    data.classNames,
    await partOf(data.train),
    await partOf(data.test),
  ];
  return sha256Hex(new TextEncoder().encode(JSON.stringify(content)));
}
