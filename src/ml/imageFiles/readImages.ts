import { type ByteSource, inBlocks } from '../formats/byteSource.ts';
import { FileError } from '../formats/fileError.ts';
import { fileKind } from '../formats/fileKind.ts';
import { isNoise } from '../formats/repacked.ts';
import { indexZip, readEntry, type ZipEntry } from '../formats/zipIndex.ts';
import { readArrays } from './arrays.ts';
import { isCifarFile, readCifar } from './cifar.ts';
import { isCsv, readCsv } from './csv.ts';
import {
  checkFiles,
  type GivenFile,
  headOf,
  MOST_FILES,
  type ReadContext,
  type ReadImages,
} from './given.ts';
import { isIdx, readIdxImages } from './idxImages.ts';
import { isPictureFile, PICTURE_FORMATS, readPictures } from './pictures.ts';

type Reader = (files: readonly GivenFile[], context: ReadContext) => Promise<ReadImages>;

/** Files without data that often accompany data. */
const BESIDE =
  /(^|\/)(readme|license|licence|copying|changelog)[^/]*$|\.(md|json|html?|py|ipynb|pdf|txt|xml|ya?ml)$/i;

/**
 * Reads a person's images and labels from IDX files, NumPy archives, CSV files, CIFAR-10's batches, or pictures in one folder
 * per class; a ZIP archive may contain these.
 * @throws FileError that names the file and the row; AxesQuestion if the person must choose the order of the values.
 */
export async function readImages(files: readonly GivenFile[], context: ReadContext): Promise<ReadImages> {
  checkFiles(files.length, files[0]?.path.split('/')[0] ?? 'The folder');
  const given = files.filter(({ path }) => !isNoise(path));
  if (given.length === 0) {
    throw new FileError(
      files.length === 0
        ? 'Expected files, found none.'
        : 'Expected files of images, found only hidden files.',
    );
  }
  const found = await readerFor(given);
  if ('reader' in found) return found.reader(found.files, context);
  return readImages(found.files, context);
}

/** The reader of the files, or the files of an archive. */
async function readerFor(
  files: readonly GivenFile[],
): Promise<{ reader: Reader; files: readonly GivenFile[] } | { files: readonly GivenFile[] }> {
  if (files.some(isPictureFile)) return { reader: readPictures, files };
  const useful = files.filter(({ path }) => !BESIDE.test(path) || isNamesFile(path));
  const first = useful[0] ?? files[0];
  const head = await headOf(first);
  const kind = fileKind(head)?.kind;
  if (kind === 'pickle') {
    throw new FileError(
      `${first.path}: expected images in a known format, found a Python pickle. Of CIFAR-10, take the binary version (.bin); save other arrays with numpy.savez.`,
    );
  }
  if (useful.length > 0 && useful.every(isCifarFile) && kind !== 'archive') {
    return { reader: readCifar, files: useful };
  }
  if (head.length === 0) throw new FileError(`${first.path}: expected content, found an empty file.`);
  if (kind === 'archive') return archive(useful, first);
  if (isIdx(head)) return { reader: readIdxImages, files: useful };
  if (isCsv(head)) return { reader: readCsv, files: useful };
  throw new FileError(
    `${first.path}: expected images in a known format, found another. Known are IDX files, .npz, CSV (label, pixel, ...), CIFAR-10’s binary batches (.bin), and pictures (${PICTURE_FORMATS}) in one folder for each class, also in a ZIP archive.`,
  );
}

function isNamesFile(path: string): boolean {
  return /batches\.meta\.txt$/i.test(path);
}

async function archive(files: readonly GivenFile[], first: GivenFile) {
  if (files.length > 1) {
    throw new FileError(
      `Expected one archive at a time, found ${files.length} files. Drop ${first.path} alone.`,
    );
  }
  const entries = await indexZip(first.source, { maxEntries: MOST_FILES });
  if (entries.length > 0 && entries.every(({ name }) => name.endsWith('.npy'))) {
    return { reader: readArrays, files };
  }
  const source = inBlocks(first.source);
  const inner = entries.map((entry) => entryFile(source, entry)).filter(({ path }) => !isNoise(path));
  if (inner.length === 0)
    throw new FileError(`${first.path}: expected files of images in the archive, found none.`);
  const nested = inner.find(({ path }) => /\.zip$/i.test(path));
  if (nested)
    throw new FileError(`${nested.path}: expected images, found an archive in the archive. Unpack it first.`);
  return { files: inner };
}

/** A file of an archive, unpacked whenever it is read. */
function entryFile(source: ByteSource, entry: ZipEntry): GivenFile {
  return {
    path: entry.name,
    source: {
      name: entry.name,
      size: entry.size,
      read: async (begin, end) => (await readEntry(source, entry)).subarray(begin, end),
    },
  };
}
