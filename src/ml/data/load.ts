import type { DataFile } from './dataFile.ts';
import type { DataSet } from './dataset.ts';
import { type LoadOptions, loadIdxFiles } from './idxFiles.ts';
import { labeledImages } from './labeledImages.ts';

/** The four files of MNIST (LeCun, Cortes, Burges), as `public/mnist/README.md` describes them. */
export const MNIST_FILES = {
  trainImages: {
    name: 'train-images-idx3-ubyte.gz',
    gzippedBytes: 9_719_438,
    bytes: 47_040_016,
    sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  },
  trainLabels: {
    name: 'train-labels-idx1-ubyte.gz',
    gzippedBytes: 28_857,
    bytes: 60_008,
    sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  },
  testImages: {
    name: 't10k-images-idx3-ubyte.gz',
    gzippedBytes: 1_616_508,
    bytes: 7_840_016,
    sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  },
  testLabels: {
    name: 't10k-labels-idx1-ubyte.gz',
    gzippedBytes: 4_517,
    bytes: 10_008,
    sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
} as const satisfies Record<string, DataFile>;

const SHAPE = { width: 28, height: 28, classes: 10 };

/**
 * Loads MNIST: 60,000 training and 10,000 test images of 28 x 28 bytes. See `loadIdxFiles`.
 * @returns the data set, and a promise of whether it is cached for the next visit.
 */
export async function loadMnist(options: LoadOptions): Promise<{ data: DataSet; kept: Promise<boolean> }> {
  const { trainImages, trainLabels, testImages, testLabels } = MNIST_FILES;
  const files = [trainImages, trainLabels, testImages, testLabels];
  const { contents, kept } = await loadIdxFiles(files, options);
  const split = (first: number) =>
    labeledImages(contents[first], contents[first + 1], {
      images: files[first].name,
      labels: files[first + 1].name,
      ...SHAPE,
    });
  const classNames = Array.from({ length: SHAPE.classes }, (_, digit) => String(digit));
  return { data: { name: 'MNIST', classNames, train: split(0), test: split(2) }, kept };
}
