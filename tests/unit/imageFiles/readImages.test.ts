import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesSource, inBlocks } from '../../../src/ml/formats/byteSource.ts';
import { writeNpz } from '../../../src/ml/formats/npz.ts';
import type { AxisOrder, GivenFile, ReadContext } from '../../../src/ml/imageFiles/given.ts';
import { offeredKind } from '../../../src/ml/imageFiles/offered.ts';
import { ownDataSet, previewOf } from '../../../src/ml/imageFiles/ownData.ts';
import { readImages } from '../../../src/ml/imageFiles/readImages.ts';
import { decodePng } from '../../fixtures/png.ts';

/** The bytes of `tests/fixtures/data`, which numpy, Python's csv and zipfile, gzip and PIL made. */
const FOLDER = 'tests/fixtures/data';
const expected: { gray: number[]; color: number[]; labels: number[]; square: number[] } = JSON.parse(
  readFileSync(`${FOLDER}/expected.json`, 'utf8'),
);

const bytesOf = (name: string) => new Uint8Array(readFileSync(`${FOLDER}/${name}`));
const given = (path: string, bytes = bytesOf(path)): GivenFile => ({
  path,
  source: bytesSource(bytes, path),
});
const context = (changes: Partial<ReadContext> = {}): ReadContext => ({
  signal: new AbortController().signal,
  progress: () => undefined,
  decode: async (bytes) => decodePng(bytes),
  ...changes,
});
const read = (names: string[], axes?: AxisOrder) =>
  readImages(
    names.map((name) => given(name)),
    context({ axes }),
  );
const failure = (names: string[]) =>
  read(names).then(
    () => 'no error',
    (error: Error) => error.message,
  );

it('reads IDX files, plain and gzipped', async () => {
  const { train, test, classNames } = await read(['tiny-images-idx3-ubyte', 'tiny-labels-idx1-ubyte.gz']);
  expect(train).toMatchObject({ count: 12, channels: 1, height: 9, width: 8 });
  expect([...train.images]).toEqual(expected.gray);
  expect([...train.labels]).toEqual(expected.labels);
  expect({ classNames, test }).toEqual({ classNames: ['0', '1', '2'], test: undefined });
});

it('reads images of NumPy with channels first, with a test part', async () => {
  const { train, test } = await read(['channels_first.npz']);
  expect(train).toMatchObject({ count: 12, channels: 3, height: 8, width: 10 });
  expect([...train.images]).toEqual(expected.color);
  expect([...(test?.images ?? [])]).toEqual(expected.color.slice(0, 6 * 240));
});

it('reads images of NumPy with channels last, compressed, and names as labels', async () => {
  const { train, classNames } = await read(['channels_last.npz']);
  expect([...train.images]).toEqual(expected.color);
  expect(classNames).toEqual(['cat', 'dog', 'eel']);
  expect([...train.labels]).toEqual(expected.labels);
});

it.each(['floats.npz', 'fortran.npz'])('reads %s to the same bytes', async (name) => {
  const { train } = await read([name]);
  expect([...train.images]).toEqual(expected.gray);
  expect([...train.labels]).toEqual(expected.labels);
});

it('scales larger images down to 64 pixels, and says so', async () => {
  const { train, remarks } = await read(['large.npz']);
  expect(train).toMatchObject({ height: 64, width: 48 });
  expect(remarks).toEqual(['All images are scaled from 128 × 96 to 64 × 48 pixels.']);
});

it('asks how flat color images are laid out', async () => {
  expect(await failure(['flat_color.npz'])).toMatch(/192 values an image.*8 x 8.*planes/);
  const planes = await read(['flat_color.npz'], 'planes');
  const pixels = await read(['flat_color.npz'], 'pixels');
  expect(planes.train).toMatchObject({ channels: 3, height: 8, width: 8 });
  expect(pixels.train.images[64]).toBe(planes.train.images[1]);
});

it('reads CSV with names and quoted labels, and without', async () => {
  const named = await read(['named.csv']);
  expect([...named.train.images]).toEqual(expected.square);
  expect(named.classNames).toEqual(['a, quoted', 'b', 'c']);
  expect([...named.train.labels]).toEqual([1, 0, 1, 2, 2, 0]);
  const bare = await read(['bare.csv']);
  expect([...bare.train.images]).toEqual(expected.square);
  expect(bare.classNames).toEqual(['0', '1', '2']);
});

it('reads CIFAR-10’s binary batches with the names of the classes', async () => {
  const { train, test, classNames } = await read(['data_batch_1.bin', 'test_batch.bin', 'batches.meta.txt']);
  expect(train).toMatchObject({ count: 5, channels: 3, height: 32, width: 32 });
  expect([...train.labels]).toEqual([0, 1, 2, 0, 1]);
  expect(classNames).toEqual(['airplane', 'automobile', 'bird']);
  expect([...train.images]).toEqual([...bytesOf('data_batch_1.bin')].filter((_, i) => i % 3073 !== 0));
  expect(test?.images).toHaveLength(3072);
});

it('reads pictures in folders of an archive, skips hidden files, and resizes pictures of other sizes', async () => {
  const { train, classNames, remarks } = await read(['folders.zip']);
  expect(classNames).toEqual(['ant', 'bee', 'cow']);
  expect(train).toMatchObject({ count: 13, channels: 3, height: 8, width: 10 });
  const order = [0, 3, 6, 9, 0, 1, 4, 7, 10, 2, 5, 8, 11];
  expect([...train.images]).toEqual(order.flatMap((i) => expected.color.slice(240 * i, 240 * (i + 1))));
  expect(remarks).toEqual([
    '1 of 13 pictures are scaled and cropped to 8 × 10 pixels.',
    '1 other file is passed over: set/notes.txt.',
  ]);
});

it('finds the test part by its folder', async () => {
  const { train, test } = await read(['splits.zip']);
  expect([train.count, test?.count]).toEqual([10, 3]);
});

it.each([
  ['nan.npz', /“images”, image 7: expected pixels as floats from 0 to 1, found NaN/],
  ['range.npz', /image 0: expected pixels as floats from 0 to 1, found \d+\. Divide them by 255/],
  ['one_class.npz', /expected 2 to 100 classes, found 1: every image is of class “0”/],
  ['few_labels.npz', /a label for each of the 12 images of “images”, found 11/],
  ['no_labels.npz', /expected the arrays x_train, .* found images/],
  ['one_hot.npz', /one label for each image, \[n\], found \[12, 3\].*argmax/],
  ['gap.csv', /row 4, column 65: expected a pixel, found nothing/],
  ['short.csv', /row 4: expected 65 cells, as in the first row, found 64/],
  ['nan.csv', /row 4, column 65: expected a pixel, found "NaN"/],
  ['unlabeled.csv', /row 4: expected a label, found none/],
  ['one_folder.zip', /The folders: expected 2 to 100 classes, found 1/],
  ['damaged_picture.zip', /set\/bee\/2\.png: expected a whole picture/],
  ['bomb.npz', /“(images|labels)”.*expected/],
  ['tiny-images-idx3-ubyte', /expected 12 labels for its images, found no file of labels/],
])('says of %s what is wrong and where', async (name, message) => {
  expect(await failure([name])).toMatch(message);
});

it.each([
  'channels_first.npz',
  'channels_last.npz',
  'folders.zip',
  'data_batch_1.bin',
  'tiny-labels-idx1-ubyte.gz',
])('refuses %s where it is cut short', async (name) => {
  const whole = bytesOf(name);
  for (const share of [0, 0.3, 0.9]) {
    const cut = given(name, whole.slice(0, Math.floor(share * whole.length)));
    const files = name.startsWith('tiny') ? [given('tiny-images-idx3-ubyte'), cut] : [cut];
    await expect(readImages(files, context())).rejects.toMatchObject({ name: 'FileError' });
  }
});

it('refuses test images of another size or other channels than the training images', async () => {
  const csv = (side: number) =>
    new TextEncoder().encode(
      [0, 1].map((label) => [label, ...Array(side * side).fill(7)].join(',')).join('\n'),
    );
  await expect(
    readImages([given('train.csv', csv(8)), given('test.csv', csv(9))], context()),
  ).rejects.toThrow(
    'test.csv: expected test images like the training images, gray images of 8 × 8 pixels, found gray images of 9 × 9 pixels.',
  );
  const idx = (shape: number[], values: number[]) =>
    Uint8Array.from([0, 0, 8, shape.length, ...shape.flatMap((length) => [0, 0, 0, length]), ...values]);
  const pair = (part: string, count: number, side: number) => [
    given(`${part}-images`, idx([count, side, side], Array(count * side * side).fill(1))),
    given(
      `${part}-labels`,
      idx(
        [count],
        Array.from({ length: count }, (_, i) => i % 2),
      ),
    ),
  ];
  await expect(readImages([...pair('train', 4, 8), ...pair('test', 2, 10)], context())).rejects.toThrow(
    /^test-images: .*8 × 8 pixels, found gray images of 10 × 10 pixels/,
  );
  const color = { data: new Uint8Array(2 * 192), shape: [2, 3, 8, 8] };
  const gray = { data: new Uint8Array(2 * 64), shape: [2, 8, 8] };
  const labels = { data: Uint8Array.of(0, 1), shape: [2] };
  const npz = writeNpz({ x_train: color, y_train: labels, x_test: gray, y_test: labels });
  await expect(readImages([given('mixed.npz', npz)], context())).rejects.toThrow(
    /mixed\.npz, “x_test”: .*color images of 8 × 8 pixels, found gray images of 8 × 8 pixels/,
  );
});

it('says of other files with the ending .bin what was expected, and leaves parameters to their reader', async () => {
  await expect(readImages([given('a.bin', new Uint8Array(3074 * 2))], context())).rejects.toThrow(
    /found 6148 bytes: 2 records and 2 bytes\. The size fits CIFAR-100/,
  );
  await expect(readImages([given('a.bin', new Uint8Array(5000))], context())).rejects.toThrow(
    /expected records of 3073 bytes.*found 5000 bytes: 1 records and 1927 bytes\. The file is cut short/,
  );
  const pickle = Uint8Array.of(0x80, 4, 0x95, ...Array(60).fill(0));
  await expect(readImages([given('data_batch_1', pickle)], context())).rejects.toThrow(
    /data_batch_1: .*found a Python pickle.*binary version/,
  );
  expect(await offeredKind([given('data_batch_1', pickle)])).toBe('images');
  expect(await offeredKind([given('pytorch_model.bin', pickle)])).toBeUndefined();
  expect(await offeredKind([given('weights.bin', bytesOf('../weights/state_dict.pt'))])).toBeUndefined();
  expect(await offeredKind([given('broken.bin', new Uint8Array(5000))])).toBe('images');
});

it('reads any piece of a source in blocks as the source itself', async () => {
  const bytes = Uint8Array.from({ length: 5_000_000 }, (_, i) => (i * 2_654_435_761) >>> 24);
  let reads = 0;
  const source = bytesSource(bytes, 'a');
  const read = (begin: number, end: number) => {
    reads++;
    return source.read(begin, end);
  };
  const blocks = inBlocks({ ...source, read });
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length), fc.nat(3_000_000), async (begin, length) => {
      const end = Math.min(bytes.length, begin + length);
      expect(Buffer.compare(await blocks.read(begin, end), bytes.subarray(begin, end))).toBe(0);
    }),
  );
  reads = 0;
  for (let at = 0; at < 4_000_000; at += 1000) await blocks.read(at, at + 500);
  expect(reads).toBeLessThanOrEqual(4);
});

it('names the formats of pictures where a folder has others', async () => {
  const pgm = new TextEncoder().encode('P5 8 8 255 ');
  await expect(readImages([given('a/1.pgm', pgm), given('b/1.pgm', pgm)], context())).rejects.toThrow(
    /a\/1\.pgm: .*pictures \(PNG, JPEG, .*\) in one folder for each class/,
  );
});

it('names the classes without an image to train or to test with', async () => {
  const read = await readImages([given('folders.zip')], context());
  const { train } = read;
  const labels = Uint8Array.from(train.labels, (label, i) => (label === 2 ? (i === 12 ? 2 : 1) : label));
  const single = { ...read, train: { ...train, labels } };
  expect(previewOf('a', single).remarks.at(-1)).toMatch(
    /^Only one image is of class “cow”: the image trains, and none is held out/,
  );
  const parted = {
    ...single,
    train: { ...train, labels: labels.map((label) => Math.min(label, 1)) },
    test: single.train,
  };
  expect(previewOf('a', parted).remarks).toContain(
    'No training image is of class “cow”: the network cannot learn it.',
  );
  const first = (count: number) => ({ ...train, count, images: train.images.slice(0, 240 * count) });
  const lonely = { ...read, train: { ...first(3), labels: Uint8Array.of(0, 1, 2) } };
  await expect(ownDataSet('a', lonely, { heldOut: 0.2, seed: 0 })).rejects.toThrow(
    /at least one class with two images/,
  );
});

it('refuses files without images', async () => {
  expect(await failure([])).toMatch(/Expected files, found none/);
  await expect(readImages([given('.hidden', Uint8Array.of(1))], context())).rejects.toThrow(
    /only hidden files/,
  );
  await expect(readImages([given('a.bin', Uint8Array.of(11, 2))], context())).rejects.toThrow(
    /records of 3073 bytes/,
  );
  await expect(readImages([given('thesis', new TextEncoder().encode('Once'))], context())).rejects.toThrow(
    /known format/,
  );
  await expect(readImages([given('1.png', Uint8Array.of(1))], context())).rejects.toThrow(
    /in the folder of its class/,
  );
});

it('reads 100,000 small files with progress, and stops when canceled', async () => {
  const png = pngOf();
  const files = Array.from({ length: 100_000 }, (_, i) => given(`many/${i % 2}/${i}.png`, png));
  const shares: number[] = [];
  const controller = new AbortController();
  const progress = ({ done, total }: { done: number; total: number }) => {
    shares.push(done / total);
    if (done > 300) controller.abort();
  };
  await expect(readImages(files, context({ progress, signal: controller.signal }))).rejects.toThrow(/abort/i);
  expect(shares.at(-1)).toBeGreaterThan(0.003);
  // Progress comes at intervals of time, so a slow machine reports later files first.
  expect(shares.at(-1)).toBeLessThan(0.5);
});

/** One of the fixture's pictures. */
function pngOf(): Uint8Array<ArrayBuffer> {
  const archive = bytesOf('splits.zip');
  const start = Buffer.from(archive).indexOf('\x89PNG', 0, 'latin1');
  const end = Buffer.from(archive).indexOf('IEND', start, 'latin1');
  return archive.slice(start, end + 8);
}
