import type { LabeledImages } from '../data/dataset.ts';
import { FileError } from '../formats/fileError.ts';
import { classesOf } from './classes.ts';
import {
  checkBytes,
  type GivenFile,
  isTestName,
  type ReadContext,
  type ReadImages,
  wholeFile,
} from './given.ts';

/** A batch's record: the label's byte, then 32 x 32 red, green and blue bytes. */
const SIDE = 32;
const CHANNELS = 3;
const PIXELS = CHANNELS * SIDE * SIDE;
const RECORD = 1 + PIXELS;
const CLASSES = 10;
/** The record size of CIFAR-100, whose two labels this reader does not support. */
const CIFAR_100_RECORD = 2 + PIXELS;
const NAMES_FILE = /(^|\/)batches\.meta\.txt$/i;

export function isCifarFile({ path, source }: GivenFile): boolean {
  return NAMES_FILE.test(path) || (/\.bin$/i.test(path) && source.size > 0);
}

/** Reads CIFAR-10's binary batches: `data_batch_1.bin` and so on, `test_batch.bin`, and the names in `batches.meta.txt`. */
export async function readCifar(files: readonly GivenFile[], context: ReadContext): Promise<ReadImages> {
  const batches = files
    .filter(({ path }) => !NAMES_FILE.test(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const names = files.find(({ path }) => NAMES_FILE.test(path));
  if (batches.length === 0)
    throw new FileError('Expected batches of CIFAR-10 (.bin), found only the names of classes.');
  const parts = { train: [] as Uint8Array[], test: [] as Uint8Array[] };
  for (const [i, file] of batches.entries()) {
    context.progress({ done: i, total: batches.length, what: 'batches' });
    context.signal.throwIfAborted();
    parts[isTestName(file.path) ? 'test' : 'train'].push(await readBatch(file));
  }
  // Test images alone also make a data set.
  const given = (parts.train.length > 0 ? [parts.train, parts.test] : [parts.test]).filter(
    (batch) => batch.length > 0,
  );
  const joined = given.map(partOf);
  const classNames =
    names &&
    new TextDecoder()
      .decode(await wholeFile(names))
      .trim()
      .split(/\r?\n/)
      .map((name) => name.trim());
  const classes = classesOf(
    joined.map(({ labels }) => labels),
    'The batches',
    classNames,
  );
  const [train, test] = joined.map((part, i) => ({ ...part, labels: classes.labels[i] }));
  return { format: 'CIFAR-10’s binary batches', classNames: classes.classNames, train, test, remarks: [] };
}

async function readBatch(file: GivenFile): Promise<Uint8Array> {
  const { size } = file.source;
  if (size % RECORD !== 0) {
    const found = `${Math.floor(size / RECORD)} records and ${size % RECORD} bytes`;
    const reason =
      size % CIFAR_100_RECORD === 0
        ? `The size fits CIFAR-100, whose records of ${CIFAR_100_RECORD} bytes are not read here.`
        : 'The file is cut short, or of another format.';
    throw new FileError(
      `${file.path}: expected records of ${RECORD} bytes, as CIFAR-10 has them (a label, then 32 × 32 red, green and blue bytes), found ${size} bytes: ${found}. ${reason}`,
    );
  }
  const bytes = await wholeFile(file);
  for (let row = 0; row * RECORD < bytes.length; row++) {
    if (bytes[row * RECORD] >= CLASSES) {
      throw new FileError(
        `${file.path}, record ${row}: expected a label from 0 to ${CLASSES - 1}, found ${bytes[row * RECORD]}.`,
      );
    }
  }
  return bytes;
}

function partOf(batches: readonly Uint8Array[]): LabeledImages {
  const count = batches.reduce((sum, { length }) => sum + length / RECORD, 0);
  checkBytes(count, PIXELS, 'The batches');
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  let at = 0;
  for (const batch of batches) {
    for (let start = 0; start < batch.length; start += RECORD) {
      labels[at] = batch[start];
      images.set(batch.subarray(start + 1, start + RECORD), at * PIXELS);
      at++;
    }
  }
  return { images, labels, count, channels: CHANNELS, height: SIDE, width: SIDE };
}
