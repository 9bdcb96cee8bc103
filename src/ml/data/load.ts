import { type DataSet, DIGIT_SHAPE } from './dataset.ts';
import { type LoadOptions, loadIdxFiles } from './idxFiles.ts';
import { labeledImages } from './labeledImages.ts';
import { SHIPPED, type ShippedId } from './shipped.ts';

/**
 * Loads a data set of the site: 60,000 training and 10,000 test images of 28 x 28 bytes. See `loadIdxFiles`.
 * @returns the data set, and a promise of whether it is cached for the next visit.
 */
export async function loadShipped(
  shipped: ShippedId,
  options: LoadOptions,
): Promise<{ data: DataSet; kept: Promise<boolean> }> {
  const { id, name, sha256, classNames, files: own } = SHIPPED[shipped];
  const files = [own.trainImages, own.trainLabels, own.testImages, own.testLabels];
  const { contents, kept } = await loadIdxFiles(files, options);
  const { input, classes } = DIGIT_SHAPE;
  const split = (first: number) =>
    labeledImages(contents[first], contents[first + 1], {
      images: files[first].name,
      labels: files[first + 1].name,
      width: input.width,
      height: input.height,
      classes,
    });
  const data = { id, name, sha256, classNames: [...classNames], train: split(0), test: split(2) };
  return { data, kept };
}
