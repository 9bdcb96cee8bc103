import {
  PickleDict,
  PickleRecord,
  PickleSequence,
  PickleTensor,
  type PickleValue,
} from '../pickle/values.ts';
import { checkTensorCount } from '../weights/weightTensor.ts';

export interface FoundTensor {
  /** The keys and attributes on the path to the tensor, joined as in a state dict. */
  name: string;
  tensor: PickleTensor;
}

/** Attributes of `torch.nn.Module` that the names in a state dict omit. */
const MODULE_TABLES = new Set(['_parameters', '_buffers', '_modules']);
const MAX_DEPTH = 100;
const MAX_NAME = 500;

interface Place {
  value: PickleValue;
  name: string;
  depth: number;
}

/**
 * Finds all tensors in a pickle's value: in state dicts, in nested dicts and lists, and in modules, named as in a
 * state dict. Each container is visited once, so cycles end; anything nested deeper than 100 levels is ignored.
 */
export function findTensors(root: PickleValue): FoundTensor[] {
  const found: FoundTensor[] = [];
  const visited = new Set<PickleValue>();
  const places: Place[] = [{ value: root, name: '', depth: 0 }];
  for (let place = places.pop(); place; place = places.pop()) {
    const { value, name, depth } = place;
    if (value instanceof PickleTensor) {
      found.push({ name, tensor: value });
      checkTensorCount(found.length);
      continue;
    }
    if (depth > MAX_DEPTH || visited.has(value)) continue;
    visited.add(value);
    // The stack is last in, first out, so push the children in reverse order.
    for (const [key, child] of childrenOf(value).reverse()) {
      places.push({ value: child, name: joined(name, key), depth: depth + 1 });
    }
  }
  return found;
}

type Child = [key: string | undefined, value: PickleValue];

/** The containers and tensors in a container, each with its key, which is undefined if it adds nothing to a name. */
function childrenOf(value: PickleValue): Child[] {
  if (value instanceof PickleDict) return keyed(value.entries);
  if (value instanceof PickleSequence) return numbered(value.items);
  if (!(value instanceof PickleRecord)) return [];
  const states = value.states.map((state): Child => [undefined, state]);
  return [...states, ...keyed(value.entries), ...numbered(value.items)];
}

function keyed(entries: [PickleValue, PickleValue][]): Child[] {
  return entries.flatMap(([key, value]): Child[] => {
    if (!holdsMore(value)) return [];
    if (typeof key === 'string') return [[MODULE_TABLES.has(key) ? undefined : key, value]];
    return [[typeof key === 'number' ? String(key) : '?', value]];
  });
}

/** A list's items by number. A pair of a name and a value, the content of an OrderedDict, counts under its name. */
function numbered(items: PickleValue[]): Child[] {
  const [first, second] = items;
  if (items.length === 2 && typeof first === 'string') return holdsMore(second) ? [[first, second]] : [];
  return items.flatMap((item, i): Child[] => {
    if (!holdsMore(item)) return [];
    return [[items.length === 1 || isPair(item) ? undefined : String(i), item]];
  });
}

function holdsMore(value: PickleValue): boolean {
  return (
    value instanceof PickleTensor ||
    value instanceof PickleDict ||
    value instanceof PickleRecord ||
    value instanceof PickleSequence
  );
}

function isPair(value: PickleValue): boolean {
  return value instanceof PickleSequence && value.items.length === 2 && typeof value.items[0] === 'string';
}

function joined(name: string, key: string | undefined): string {
  if (key === undefined || name.length > MAX_NAME) return name;
  return name === '' ? key : `${name}.${key}`;
}
