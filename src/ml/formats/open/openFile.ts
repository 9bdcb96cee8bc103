import type { NetworkDescription } from '../../model/network.ts';
import { FileError } from '../fileError.ts';
import { fileKind, HEAD_BYTES } from '../fileKind.ts';
import { PICKLE_NAME, readLegacyPytorch, readPytorchArchive } from '../pytorch/readPytorch.ts';
import { folderWith, withoutNoise } from '../repacked.ts';
import type { RunContent } from '../runContent.ts';
import { readRun, runFolder } from '../runFile.ts';
import { parseSafetensors } from '../safetensors.ts';
import type { MatchOptions } from '../weights/matchWeights.ts';
import { readNpzWeights } from '../weights/npzWeights.ts';
import { type OpenedWeights, openWeights } from '../weights/openWeights.ts';
import { checkTensorCount, floatsOf, type WeightFile } from '../weights/weightTensor.ts';
import { readZip, type ZipLimits } from '../zip.ts';

export type OpenedFile = { kind: 'run'; run: RunContent } | ({ kind: 'parameters' } & OpenedWeights);

export interface OpenOptions extends MatchOptions {
  limits?: ZipLimits;
}

/**
 * Opens a file with a run or a network's parameters: a run file (possibly unzipped and zipped again), or a file of
 * PyTorch, safetensors or NumPy. The kind is recognized from the bytes alone.
 * @param like the kind of network whose parameters to look for.
 * @throws an Error that says what the file is and what to do.
 */
export function openFile(
  bytes: Uint8Array,
  like: NetworkDescription,
  { limits, ...options }: OpenOptions = {},
): OpenedFile {
  const content = readContent(bytes, limits);
  if ('run' in content) return content;
  return { kind: 'parameters', ...openWeights(content, like, options) };
}

/** Like `openFile`, but rejects run files. */
export function openParameters(
  bytes: Uint8Array,
  like: NetworkDescription,
  options?: OpenOptions,
): OpenedWeights {
  const opened = openFile(bytes, like, options);
  if (opened.kind === 'run') {
    throw new FileError(
      'This is a whole run, and a file of parameters is wanted here. Drop the run on the page to open it; Export then saves its parameters.',
    );
  }
  return opened;
}

type Content = { kind: 'run'; run: RunContent } | WeightFile;

function readContent(bytes: Uint8Array, limits?: ZipLimits, isInner = false): Content {
  const known = fileKind(bytes.subarray(0, HEAD_BYTES));
  switch (known?.kind) {
    case 'archive':
      return readArchive(bytes, limits, isInner);
    case 'pickle':
      return readLegacyPytorch(bytes);
    case 'safetensors':
      return readSafetensorsWeights(bytes);
    case 'foreign':
      throw new FileError(known.message);
    default:
      throw new FileError(
        'This file is no run and holds no parameters that are known here. A run’s file (.untangle.zip), PyTorch’s .pt and .pth, safetensors and NumPy’s .npz open.',
      );
  }
}

function readArchive(bytes: Uint8Array, limits: ZipLimits | undefined, isInner: boolean): Content {
  const all = readZip(bytes, limits);
  const run = runFolder(all);
  if (run) return { kind: 'run', run: readRun(run) };
  const files = withoutNoise(all);
  const pytorch = folderWith(files, PICKLE_NAME);
  if (pytorch) return readPytorchArchive(pytorch);
  const list = [...files];
  if (list.length > 0 && list.every(([, file]) => isArray(file))) return readNpzWeights(files);
  // The archive holds one file that can be opened: the file was zipped once more.
  if (list.length === 1 && !isInner) return readContent(list[0][1], limits, true);
  throw otherArchive(list.map(([name]) => name));
}

function isArray(file: Uint8Array): boolean {
  return String.fromCharCode(...file.subarray(0, 6)) === '\x93NUMPY';
}

function otherArchive(names: string[]): FileError {
  if (
    names.some((name) => /(^|\/)(config\.json|model\.weights\.h5|saved_model\.pb|model\.json)$/.test(name))
  ) {
    return new FileError(
      'This is an archive of a Keras or TensorFlow model, whose layout is not PyTorch’s. Rebuild the network in PyTorch, copy the parameters into it, and save them with torch.save(model.state_dict(), "mnist_cnn.pt").',
    );
  }
  const shown = names.slice(0, 5).join(', ') || 'nothing';
  return new FileError(
    `This archive is no run and holds no parameters: it holds ${shown.slice(0, 300)}${names.length > 5 ? `, and ${names.length - 5} more files` : ''}. Drop a run’s file, or parameters that torch.save(model.state_dict(), "mnist_cnn.pt") wrote.`,
  );
}

function readSafetensorsWeights(bytes: Uint8Array): WeightFile {
  const { tensors } = parseSafetensors(bytes);
  checkTensorCount(tensors.size);
  return {
    format: 'safetensors',
    tensors: [...tensors].map(([name, { dtype, shape, bytes: own }]) => ({
      name,
      dtype,
      shape,
      values: () => floatsOf(name, dtype, own),
    })),
  };
}
