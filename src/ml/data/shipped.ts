import type { DataFile } from './dataFile.ts';
import type { DataDescription } from './dataset.ts';

/** A data set that the site serves as four IDX files. */
export interface ShippedDataSet extends DataDescription {
  /** The folder beside the page. */
  folder: string;
  files: Record<'trainImages' | 'trainLabels' | 'testImages' | 'testLabels', DataFile>;
}

/** MNIST (LeCun, Cortes, Burges), as `public/mnist/README.md` describes it. */
export const MNIST = {
  id: 'mnist',
  name: 'MNIST',
  sha256: '40026078d300485bffbf1b124f52df4e2210601b097e115fbdd47fba46f6aa63',
  classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  folder: 'mnist',
  files: {
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
  },
} satisfies ShippedDataSet;

/** Fashion-MNIST (Zalando Research), as `public/fashion-mnist/README.md` describes it. */
const FASHION_MNIST = {
  id: 'fashion-mnist',
  name: 'Fashion-MNIST',
  sha256: 'ba15e436237629c30be8bbe650775b7b203ef40c60a813c3d2fd5900200bb493',
  classNames: [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ],
  folder: 'fashion-mnist',
  files: {
    trainImages: {
      name: 'train-images-idx3-ubyte.gz',
      gzippedBytes: 26_421_856,
      bytes: 47_040_016,
      sha256: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    },
    trainLabels: {
      name: 'train-labels-idx1-ubyte.gz',
      gzippedBytes: 29_491,
      bytes: 60_008,
      sha256: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    },
    testImages: {
      name: 't10k-images-idx3-ubyte.gz',
      gzippedBytes: 4_422_079,
      bytes: 7_840_016,
      sha256: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    },
    testLabels: {
      name: 't10k-labels-idx1-ubyte.gz',
      gzippedBytes: 5_125,
      bytes: 10_008,
      sha256: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
    },
  },
} satisfies ShippedDataSet;

export type ShippedId = 'mnist' | 'fashion-mnist';

export const SHIPPED: Readonly<Record<ShippedId, ShippedDataSet>> = {
  mnist: MNIST,
  'fashion-mnist': FASHION_MNIST,
};

export function isShippedId(id: string): id is ShippedId {
  return Object.hasOwn(SHIPPED, id);
}
