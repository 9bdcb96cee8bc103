import { FileError } from '../fileError.ts';
import { unpickle } from '../pickle/unpickle.ts';
import { PickleDict, PickleSequence, PickleStorage, type PickleValue } from '../pickle/values.ts';
import type { WeightFile, WeightTensor } from '../weights/weightTensor.ts';
import { findTensors } from './findTensors.ts';
import { bytesPerValue, callGlobal, loadPersistent } from './globals.ts';
import { tensorValues } from './tensorValues.ts';

/**
 * Reads files of `torch.save` without executing anything: state dicts, dicts and lists of them, and whole modules,
 * whose classes become inert records that are searched for tensors.
 */

/** The name of the pickle in an archive of `torch.save`, version 1.6 and later. */
export const PICKLE_NAME = 'data.pkl';
/** The first value of a file before version 1.6: 0x1950a86a20f9469cfc6c. */
const LEGACY_MAGIC = 119547037146038801333356n;
const LEGACY_PROTOCOL = 1001;

/** @param files the archive's files, by name inside the folder with `data.pkl`. */
export function readPytorchArchive(files: ReadonlyMap<string, Uint8Array>): WeightFile {
  const order = new TextDecoder().decode(files.get('byteorder')).trim();
  if (order !== '' && order !== 'little') throw bigEndian();
  const { value } = unpickle(files.get(PICKLE_NAME) ?? new Uint8Array(0), HOOKS);
  return { format: 'PyTorch', tensors: tensorsOf(value, ({ key }) => files.get(`data/${key}`)) };
}

/**
 * Reads the format before version 1.6: pickles of a magic number, the protocol, the machine, the value and the
 * storages' keys; then, for each key, the number of values as a u64, and the values.
 */
export function readLegacyPytorch(bytes: Uint8Array): WeightFile {
  const magic = unpickle(bytes, HOOKS);
  if (magic.value !== LEGACY_MAGIC) throw noTorchPickle(magic.value);
  const protocol = unpickle(bytes, HOOKS, magic.end);
  if (protocol.value !== LEGACY_PROTOCOL) throw damaged();
  const machine = unpickle(bytes, HOOKS, protocol.end);
  if (machine.value instanceof PickleDict) {
    const isBig = machine.value.entries.some(([key, value]) => key === 'little_endian' && value === false);
    if (isBig) throw bigEndian();
  }
  const dtypes = new Map<string, string>();
  const load = (id: PickleValue) => {
    const loaded = loadPersistent(id);
    if (loaded instanceof PickleStorage) dtypes.set(loaded.key, loaded.dtype);
    return loaded;
  };
  const content = unpickle(bytes, { ...HOOKS, load }, machine.end);
  const keys = unpickle(bytes, HOOKS, content.end);
  const storages = readStorages(bytes, keys, dtypes);
  return { format: 'PyTorch, before 1.6', tensors: tensorsOf(content.value, ({ key }) => storages.get(key)) };
}

const HOOKS = { call: callGlobal, load: loadPersistent };

function readStorages(
  bytes: Uint8Array,
  { value, end }: { value: PickleValue; end: number },
  dtypes: ReadonlyMap<string, string>,
): Map<string, Uint8Array> {
  if (!(value instanceof PickleSequence)) throw damaged();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const storages = new Map<string, Uint8Array>();
  let at = end;
  for (const key of value.items) {
    if (at + 8 > bytes.length) throw damaged();
    const name = String(typeof key === 'number' ? key : typeof key === 'string' ? key : '');
    const length = Number(view.getBigUint64(at, true)) * bytesPerValue(dtypes.get(name) ?? '');
    at += 8;
    if (at + length > bytes.length) throw damaged();
    storages.set(name, bytes.subarray(at, at + length));
    at += length;
  }
  return storages;
}

function tensorsOf(
  root: PickleValue,
  bytesOf: (storage: PickleStorage) => Uint8Array | undefined,
): WeightTensor[] {
  const found = findTensors(root);
  if (found.length === 0) {
    throw new FileError(
      'The file was written by Python’s pickle, and holds no tensors. Drop the parameters that torch.save(model.state_dict(), "mnist_cnn.pt") wrote.',
    );
  }
  return found.map(({ name, tensor }) => ({
    name,
    dtype: tensor.dtype,
    shape: tensor.shape,
    values: () => tensorValues(name, tensor, bytesOf(tensor.storage) ?? new Uint8Array(0)),
  }));
}

function noTorchPickle(value: PickleValue): FileError {
  const what = findTensors(value).length > 0 ? 'tensors' : 'other values';
  return new FileError(
    `The file is a Python pickle of ${what} that torch.save did not write. Save the parameters with torch.save(model.state_dict(), "mnist_cnn.pt"), and open that file.`,
  );
}

function bigEndian(): FileError {
  return new FileError(
    'The file was written on a big-endian machine, and its numbers are in that order. Load it in PyTorch on an ordinary machine and save it again.',
  );
}

function damaged(): FileError {
  return new FileError(
    'Expected PyTorch’s format before version 1.6, found a part of it: the file is cut short or damaged. Copy or download it again.',
  );
}
