import { type Layer, type NetworkDescription, parameterShapes, sizeOf } from '../../model/network.ts';
import { FileError } from '../fileError.ts';
import { quoted, type WeightTensor } from './weightTensor.ts';

/**
 * Finds a network's parameters among a file's tensors. Names vary with how the network was wrapped and how its layers
 * are called, so each part of the file whose names share a prefix is tried, and its tensors are matched by shape.
 * Only unambiguous matches count.
 */

export interface WeightMatch {
  /** The description with the sizes found in the file. */
  network: NetworkDescription;
  /** The tensors by parameter name, in the network's order. */
  tensors: Map<string, WeightTensor>;
  /** All other tensors except the optimizer's. */
  unused: WeightTensor[];
}

export interface MatchOptions {
  /** Whether the file may determine the number and size of filters and the number of hidden units. Default true. */
  freeSizes?: boolean;
}

/** A part of the file: tensors by name without the prefix. */
interface Part {
  prefix: string;
  tensors: Map<string, WeightTensor>;
}

interface Assignment {
  network: NetworkDescription;
  tensors: Map<string, WeightTensor>;
  /** Number of names that equal the network's own. */
  exact: number;
}

/** Names of optimizer state, whose tensors have the parameters' shapes. */
const OPTIMIZER =
  /^(optim(izer)?s?|optim(izer)?s?_state(s|_dict)?|exp_avg(_sq)?|max_exp_avg_sq|momentum_buffer|lr_schedulers?|schedulers?|grads?|gradients?)$/i;
/** If several parts fit, the first of these names wins. */
const PREFERRED = [
  '',
  'model_state_dict',
  'state_dict',
  'model',
  'module',
  'net',
  'network',
  'params',
  'weights',
];
/** 64 MiB of float32. */
const MAX_VALUES = 2 ** 24;
const MAX_DEPTH = 12;
const MAX_TRIALS = 50_000;
const MAX_ASSIGNMENTS = 20;

/** @throws FileError that says what the file holds instead, or which parts are ambiguous. */
export function matchWeights(
  like: NetworkDescription,
  tensors: readonly WeightTensor[],
  { freeSizes = true }: MatchOptions = {},
): WeightMatch {
  const found = findMatches(like, tensors, freeSizes);
  const [best, next] = found;
  if (!best) throw noMatch(like, tensors, freeSizes);
  if (next && next.exact === best.exact && next.rank === best.rank) throw ambiguous(best, next);
  const used = new Set(best.tensors.values());
  return {
    network: best.network,
    tensors: best.tensors,
    unused: tensors.filter((tensor) => !used.has(tensor) && !isOptimizers(tensor)),
  };
}

type Ranked = Assignment & { rank: number };

/** All assignments of different tensors, best first. */
function findMatches(
  like: NetworkDescription,
  tensors: readonly WeightTensor[],
  freeSizes: boolean,
): Ranked[] {
  const search = new Search(like, freeSizes);
  const byTensors = new Map<string, Ranked>();
  const numbers = new Map(tensors.map((tensor, i) => [tensor, i]));
  for (const { prefix, tensors: part } of partsOf(tensors)) {
    const place = PREFERRED.indexOf(prefix.split(SEPARATOR).at(-1) ?? '');
    const rank = place < 0 ? PREFERRED.length : place;
    for (const assignment of search.assignments(part)) {
      const key = [...assignment.tensors.values()].map((tensor) => numbers.get(tensor)).join();
      const known = byTensors.get(key);
      if (!known || isBetter({ ...assignment, rank }, known)) byTensors.set(key, { ...assignment, rank });
    }
  }
  return [...byTensors.values()].sort((a, b) => b.exact - a.exact || a.rank - b.rank);
}

function isBetter(one: Ranked, other: Ranked): boolean {
  return one.exact > other.exact || (one.exact === other.exact && one.rank < other.rank);
}

/** Names join their parts with dots; other frameworks use slashes. */
const SEPARATOR = /[./]/;

function isOptimizers({ name }: WeightTensor): boolean {
  return name.split(SEPARATOR).some((word) => OPTIMIZER.test(word));
}

/** The whole file, and each part whose names share a prefix, without the optimizer's tensors. */
function partsOf(tensors: readonly WeightTensor[]): Part[] {
  const parts = new Map<string, Map<string, WeightTensor>>();
  for (const tensor of tensors) {
    const words = tensor.name.split(SEPARATOR);
    if (isOptimizers(tensor)) continue;
    let begin = 0;
    for (const word of words.slice(0, MAX_DEPTH)) {
      const prefix = tensor.name.slice(0, Math.max(0, begin - 1));
      const part = parts.get(prefix) ?? new Map<string, WeightTensor>();
      part.set(tensor.name.slice(begin), tensor);
      parts.set(prefix, part);
      begin += word.length + 1;
    }
  }
  return [...parts].map(([prefix, part]) => ({ prefix, tensors: part }));
}

/** Assigns tensors to one layer after another. */
class Search {
  #trials = 0;
  readonly #like: NetworkDescription;
  readonly #freeSizes: boolean;
  readonly #count: number;
  readonly #lastLinear: Layer | undefined;

  constructor(like: NetworkDescription, freeSizes: boolean) {
    this.#like = like;
    this.#freeSizes = freeSizes;
    this.#count = parameterShapes(like).length;
    this.#lastLinear = like.layers.findLast(({ kind }) => kind === 'linear');
  }

  assignments(part: ReadonlyMap<string, WeightTensor>): Assignment[] {
    const complete: Assignment[] = [];
    if (part.size < this.#count) return complete;
    const { input } = this.#like;
    this.#extend(part, { network: { input, layers: [] }, tensors: new Map(), exact: 0 }, complete);
    return complete;
  }

  /** Recursively extends an assignment by the next layer in every way that fits. */
  #extend(part: ReadonlyMap<string, WeightTensor>, so: Assignment, complete: Assignment[]): void {
    const layer = this.#like.layers[so.network.layers.length];
    if (!layer) {
      complete.push(so);
      return;
    }
    if (layer.kind !== 'conv' && layer.kind !== 'linear') {
      this.#extend(part, { ...so, network: grown(so.network, layer) }, complete);
      return;
    }
    const rank = layer.kind === 'conv' ? 4 : 2;
    for (const [name, weight] of part) {
      if (complete.length >= MAX_ASSIGNMENTS) return;
      if (weight.shape.length !== rank || isUsed(so, weight)) continue;
      if (++this.#trials > MAX_TRIALS) return;
      const network = grown(so.network, this.#sized(layer, weight.shape));
      const next = withLayer(part, so, network, [name, weight]);
      if (next) this.#extend(part, next, complete);
    }
  }

  /** The layer with free sizes taken from the tensor. */
  #sized(layer: Layer, shape: readonly number[]): Layer {
    if (!this.#freeSizes || layer === this.#lastLinear) return layer;
    if (layer.kind === 'conv') return { ...layer, filters: shape[0], kernelSize: shape[2] };
    if (layer.kind === 'linear') return { ...layer, outputs: shape[0] };
    return layer;
  }
}

function grown({ input, layers }: NetworkDescription, layer: Layer): NetworkDescription {
  return { input, layers: [...layers, layer] };
}

function isUsed({ tensors }: Assignment, tensor: WeightTensor): boolean {
  return [...tensors.values()].includes(tensor);
}

/** Completes the assignment with the network's last layer and its weight; undefined if shapes do not fit. */
function withLayer(
  part: ReadonlyMap<string, WeightTensor>,
  so: Assignment,
  network: NetworkDescription,
  [weightName, weight]: [string, WeightTensor],
): Assignment | undefined {
  const [wanted, ...others] = lastShapes(network, so.tensors.size);
  if (!wanted || !isSame(wanted.shape, weight.shape)) return undefined;
  const tensors = new Map(so.tensors).set(wanted.name, weight);
  let exact = so.exact + (weightName === wanted.name ? 1 : 0);
  for (const { name, shape } of others) {
    const kind = name.slice(name.lastIndexOf('.') + 1);
    const sibling = siblingOf(part, weightName, kind);
    // A batch normalization's bias can have the same shape, so PyTorch's names decide which bias is the layer's.
    const isNamed = sibling !== undefined || weightName.endsWith('weight');
    const fits = isNamed ? [sibling].filter((each) => each !== undefined) : [...part];
    const free = fits.filter(
      ([, tensor]) => isSame(shape, tensor.shape) && ![...tensors.values()].includes(tensor),
    );
    if (free.length !== 1) return undefined;
    const [[foundName, found]] = free;
    tensors.set(name, found);
    if (foundName === name) exact++;
  }
  return { network, tensors, exact };
}

/**
 * Shapes of the parameters after the first `known`; empty if the layer cannot follow or exceeds this page's limits.
 */
function lastShapes(network: NetworkDescription, known: number): { name: string; shape: number[] }[] {
  try {
    const shapes = parameterShapes(network).slice(known);
    return shapes.every(({ shape }) => sizeOf(shape) <= MAX_VALUES) ? shapes : [];
  } catch {
    return [];
  }
}

/** Names of a layer's weight, with the corresponding names of its bias. */
const WEIGHT_NAMES = [
  ['weight', 'bias'],
  ['kernel', 'bias'],
  ['weights', 'biases'],
  ['w', 'b'],
  ['W', 'b'],
] as const;

/** The bias with the weight's name, such as `fc1.bias` for `fc1.weight`. */
function siblingOf(
  part: ReadonlyMap<string, WeightTensor>,
  weightName: string,
  kind: string,
): [string, WeightTensor] | undefined {
  for (const [weight, bias] of [['weight', kind], ...WEIGHT_NAMES]) {
    const at = weightName.lastIndexOf(weight);
    if (at < 0) continue;
    const name = weightName.slice(0, at) + bias + weightName.slice(at + weight.length);
    const tensor = part.get(name);
    if (tensor) return [name, tensor];
  }
  return undefined;
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((size, i) => size === other[i]);
}

function ambiguous(one: Assignment, other: Assignment): FileError {
  const [name, first] = [...one.tensors].find(([key, tensor]) => other.tensors.get(key) !== tensor) ?? [];
  const second = name === undefined ? undefined : other.tensors.get(name);
  return new FileError(
    `Expected one tensor for ${name}, found several that fit, such as ${quoted(first?.name ?? '')} and ${quoted(second?.name ?? '')}. Save one network’s parameters alone, by the names ${[...one.tensors.keys()].join(', ')}.`,
  );
}

const MOST_SHOWN = 8;

/** Explains why no tensors in the file match the network. */
function noMatch(like: NetworkDescription, tensors: readonly WeightTensor[], freeSizes: boolean): FileError {
  const turned = tensors.map((tensor) => ({ ...tensor, shape: fromTensorFlow(tensor.shape) }));
  if (findMatches(like, turned, freeSizes).length > 0) {
    const names = tensors.filter(({ shape }) => shape.length > 1).slice(0, 4);
    return new FileError(
      `The parameters are laid out as TensorFlow and Keras do (${names.map(described).join(', ')}). Turn them into PyTorch’s layout first: convolutions as [filters, channels, height, width], with numpy.transpose(kernel, (3, 2, 0, 1)), and linear layers as [outputs, inputs], whose inputs are in the order channel, row, column.`,
    );
  }
  const wrong = parameterShapes(like).find(({ name, shape }) => {
    const found = tensors.find((tensor) => tensor.name === name);
    return (
      found &&
      !(freeSizes && shape.length > 1 && found.shape.length === shape.length) &&
      !isSame(shape, found.shape)
    );
  });
  const instead = wrong && tensors.find(({ name }) => name === wrong.name);
  if (wrong && instead && !freeSizes) {
    return new FileError(
      `Expected ${quoted(wrong.name)} of shape [${wrong.shape.join(', ')}], found [${instead.shape.join(', ')}]: the file is of another network.`,
    );
  }
  const expected = parameterShapes(like).map(described).join(', ');
  const found = tensors.slice(0, MOST_SHOWN).map(described).join(', ') || 'no tensor';
  const more = tensors.length > MOST_SHOWN ? `, and ${tensors.length - MOST_SHOWN} more` : '';
  const sizes = freeSizes ? ' (of any number and size of filters)' : '';
  return new FileError(
    `Expected the parameters of this page’s network, ${expected}${sizes}; found ${found}${more}: the file is of another network.`,
  );
}

function described({ name, shape }: { name: string; shape: readonly number[] }): string {
  return `${quoted(name)} [${shape.join(', ')}]`;
}

/** Converts [height, width, channels, filters] and [inputs, outputs] to PyTorch's layout. */
function fromTensorFlow(shape: readonly number[]): readonly number[] {
  if (shape.length === 4) return [shape[3], shape[2], shape[0], shape[1]];
  return shape.length === 2 ? [shape[1], shape[0]] : shape;
}
