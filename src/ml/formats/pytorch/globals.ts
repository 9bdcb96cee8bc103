import { FileError } from '../fileError.ts';
import { knownName, refusal } from '../pickle/commands.ts';
import {
  PickleDict,
  PickleGlobal,
  PickleRecord,
  PickleSequence,
  PickleStorage,
  PickleTensor,
  type PickleValue,
} from '../pickle/values.ts';

/** The functions that a PyTorch file may call, with their replacements. Source: torch/_utils.py, torch/serialization.py. */

const STORAGE_DTYPES: Readonly<Record<string, string>> = {
  Double: 'F64',
  Float: 'F32',
  Half: 'F16',
  BFloat16: 'BF16',
  Long: 'I64',
  Int: 'I32',
  Short: 'I16',
  Char: 'I8',
  Byte: 'U8',
  Bool: 'BOOL',
  ComplexFloat: 'C64',
  ComplexDouble: 'C128',
  Untyped: '',
};

/** The format of `_rebuild_tensor_v3`, whose storages are plain bytes. */
const TENSOR_DTYPES: Readonly<Record<string, string>> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint64: 'U64',
  uint32: 'U32',
  uint16: 'U16',
  uint8: 'U8',
  bool: 'BOOL',
};

const BYTES: Readonly<Record<string, number>> = {
  F64: 8,
  I64: 8,
  U64: 8,
  C64: 8,
  C128: 16,
  F32: 4,
  I32: 4,
  U32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
};

/** Number of bytes per value. */
export function bytesPerValue(dtype: string): number {
  return BYTES[dtype] ?? 1;
}

/** Calls whose results no tensor depends on; they become inert records. */
const INERT = new Set([
  'torch.device',
  'torch.Size',
  'torch.Generator',
  'numpy.dtype',
  'numpy.core.multiarray.scalar',
  'numpy.core.multiarray._reconstruct',
  '_codecs.encode',
  'builtins.complex',
  'builtins.slice',
  'builtins.range',
  'builtins.bytearray',
  'builtins.object',
  'collections.Counter',
  'collections.defaultdict',
  'collections.deque',
]);

type Call = (parameters: PickleValue[]) => PickleValue;

const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['collections.OrderedDict', madeOf(PickleDict)],
  ['builtins.dict', madeOf(PickleDict)],
  ['builtins.set', ([items]) => items ?? new PickleSequence([])],
  ['builtins.frozenset', ([items]) => items ?? new PickleSequence([])],
  ['builtins.list', ([items]) => items ?? new PickleSequence([])],
  ['builtins.tuple', ([items]) => items ?? new PickleSequence([])],
  ['torch._utils._rebuild_tensor', rebuildTensor],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_tensor_v3', rebuildTensorOfBytes],
  ['torch._utils._rebuild_parameter', ([data]) => data ?? null],
  ['torch._utils._rebuild_parameter_with_state', ([data]) => data ?? null],
  ['torch._tensor._rebuild_from_type_v2', rebuildFromType],
  ['copyreg._reconstructor', reconstruct],
  // TorchScript's typed lists and dicts.
  ['torch.jit._pickle.build_intlist', ([list]) => list ?? null],
  ['torch.jit._pickle.build_doublelist', ([list]) => list ?? null],
  ['torch.jit._pickle.build_boollist', ([list]) => list ?? null],
  ['torch.jit._pickle.build_tensorlist', ([list]) => list ?? null],
  ['torch.jit._pickle.restore_type_tag', ([value]) => value ?? null],
]);

/** Returns the values of calls. @throws FileError that names every global that is not listed. */
export function callGlobal(global: PickleGlobal, parameters: PickleValue[]): PickleValue {
  const name = knownName(global);
  const call = CALLS.get(name);
  if (call) return call(parameters);
  if (INERT.has(name)) return new PickleRecord(global, parameters);
  throw refusal(global);
}

/** Returns the storage or class for a persistent id. */
export function loadPersistent(id: PickleValue): PickleValue {
  const [kind, type, key, , count, view] = id instanceof PickleSequence ? id.items : [];
  // In the format before 1.6, a whole module includes its class's source code.
  if (kind === 'module' && type instanceof PickleGlobal) return type;
  if (kind !== 'storage' || !(type instanceof PickleGlobal) || !isCount(count)) throw unknown('a storage');
  if (typeof key !== 'string' && typeof key !== 'number') throw unknown('a storage');
  const dtype = dtypeOfStorage(type);
  if (!(view instanceof PickleSequence)) return new PickleStorage(String(key), dtype, count, 0);
  const [, start, size] = view.items;
  if (!isCount(start) || !isCount(size)) throw unknown('a part of a storage');
  return new PickleStorage(String(key), dtype, size, start);
}

function dtypeOfStorage({ name }: PickleGlobal): string {
  const word = /^torch\.(?:cuda\.|storage\.)?(\w{1,40})Storage$/.exec(name)?.[1] ?? '';
  if (Object.hasOwn(STORAGE_DTYPES, word)) return STORAGE_DTYPES[word];
  // Unsupported types, such as QInt8, only matter if a parameter has one.
  if (word !== '') return word;
  throw unknown('a storage');
}

function madeOf(Type: typeof PickleDict): Call {
  return ([pairs]) => {
    if (pairs === undefined) return new Type();
    return new PickleRecord(new PickleGlobal('collections', 'OrderedDict'), [pairs]);
  };
}

function rebuildTensor([storage, offset, shape, strides]: PickleValue[]): PickleValue {
  if (!(storage instanceof PickleStorage)) throw unknown('a storage');
  return tensorOf(storage, storage.dtype, offset, shape, strides);
}

function rebuildTensorOfBytes([storage, offset, shape, strides, , , type]: PickleValue[]): PickleValue {
  if (!(storage instanceof PickleStorage) || !(type instanceof PickleGlobal)) throw unknown('a storage');
  const word = type.qualifiedName;
  const dtype = Object.hasOwn(TENSOR_DTYPES, word) ? TENSOR_DTYPES[word] : word;
  return tensorOf(storage, dtype, offset, shape, strides);
}

function tensorOf(
  storage: PickleStorage,
  dtype: string,
  offset: PickleValue | undefined,
  shape: PickleValue | undefined,
  strides: PickleValue | undefined,
): PickleTensor {
  const sizes = countsOf(shape);
  const steps = countsOf(strides);
  if (!isCount(offset) || !sizes || sizes.length !== steps?.length) throw unknown('a tensor');
  return new PickleTensor(storage, dtype, offset, sizes, steps);
}

/** `func(*args)` for a subclass of Tensor. */
function rebuildFromType([rebuild, , parameters]: PickleValue[]): PickleValue {
  if (!(rebuild instanceof PickleGlobal) || !(parameters instanceof PickleSequence))
    throw unknown('a tensor');
  // Reject nested calls of this function, which could recurse without end.
  const name = knownName(rebuild);
  if (!name.startsWith('torch._utils._rebuild_')) throw refusal(rebuild);
  return callGlobal(rebuild, parameters.items);
}

/** Creates instances for protocols 0 and 1. */
function reconstruct([type]: PickleValue[]): PickleValue {
  if (!(type instanceof PickleGlobal)) throw unknown('a class');
  return new PickleRecord(type, []);
}

const MAX_DIMENSIONS = 16;

function countsOf(value: PickleValue | undefined): number[] | undefined {
  // A record here is a `torch.Size` of a tuple.
  const sizes = value instanceof PickleRecord ? value.items[0] : value;
  if (!(sizes instanceof PickleSequence) || sizes.items.length > MAX_DIMENSIONS) return undefined;
  const counts = sizes.items.filter(isCount);
  return counts.length === sizes.items.length ? counts : undefined;
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function unknown(expected: string): FileError {
  return new FileError(
    `Expected ${expected} as PyTorch writes it, found something else: the file is damaged, or of a version that is not known here.`,
  );
}
