import { openArrayFile } from '../formats/arrayFile.ts';
import { fileKind } from '../formats/fileKind.ts';
import { isNoise } from '../formats/repacked.ts';
import { indexZip } from '../formats/zipIndex.ts';
import { imageArrays } from './arrays.ts';
import { isCifarFile } from './cifar.ts';
import { isCsv } from './csv.ts';
import { type GivenFile, headOf } from './given.ts';
import { isIdx } from './idxImages.ts';
import { isPictureFile } from './pictures.ts';

/** Batches of CIFAR-10's Python version; the reader's error names the version to use instead. */
const PYTHON_BATCH = /(^|\/)(data_batch_\d|test_batch)$/;
/** Names of arrays of labels, in lower case. */
const LABELS = /^(labels?|y|targets?|classes)$/i;

/**
 * The kind of dropped files: images to train on, or activations of another network. Undefined for other files, such as a run,
 * parameters, or one picture.
 */
export async function offeredKind(
  files: readonly GivenFile[],
): Promise<'images' | 'activations' | undefined> {
  const given = files.filter(({ path }) => !isNoise(path));
  const [first] = given;
  if (!first) return undefined;
  if (given.some(isPictureFile)) return given.some(({ path }) => path.includes('/')) ? 'images' : undefined;
  const head = await headOf(first);
  const text = String.fromCharCode(...head.subarray(0, 6));
  const kind = fileKind(head)?.kind;
  // PyTorch's parameters are often saved as .bin, too.
  const isParameters = kind === 'archive' || kind === 'pickle' || kind === 'safetensors';
  if (given.every(isCifarFile) && !isParameters) return 'images';
  if (PYTHON_BATCH.test(first.path) && kind === 'pickle') return 'images';
  try {
    if (text.startsWith('PK')) return await kindOfArchive(first);
    if (text.startsWith('\x93NUMPY')) return 'activations';
    if (isIdx(head) || isCsv(head)) return 'images';
    if (kind === 'safetensors') return await kindOfArrays(first);
  } catch {
    // The reader of runs and parameters reports the problem.
  }
  return undefined;
}

async function kindOfArchive(file: GivenFile): Promise<'images' | 'activations' | undefined> {
  const names = (await indexZip(file.source)).map(({ name }) => name).filter((name) => !isNoise(name));
  if (names.length === 0 || names.some((name) => /(^|\/)(manifest\.json|data\.pkl)$/.test(name)))
    return undefined;
  if (names.every((name) => name.endsWith('.npy'))) return kindOfArrays(file);
  const holdsImages = (path: string) =>
    isPictureFile({ path, source: file.source }) || /\.(csv|bin|gz)$|ubyte$/i.test(path);
  return names.some(holdsImages) ? 'images' : undefined;
}

async function kindOfArrays({ source }: GivenFile): Promise<'images' | 'activations' | undefined> {
  const opened = await openArrayFile(source);
  if (imageArrays(opened)) return 'images';
  return opened.arrays.some(({ name }) => LABELS.test(name)) ? 'activations' : undefined;
}
