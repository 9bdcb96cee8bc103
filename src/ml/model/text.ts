import { assertNetwork, LIMITS, NetworkError } from './limits.ts';
import { nameLayers, type UnnamedLayer } from './names.ts';
import type { InputShape, Layer, NetworkDescription } from './network.ts';

/**
 * Two written forms of a network. For people and files:
 *
 *     conv 6 5x5 same, relu, pool 2, dropout 0.25, fc 120, relu, fc 10
 *
 * and for links, without points, at which many programs would end a link (dropout has only the digits after the point):
 *
 *     c6k5s-r-p2-d25-f120-r-f10
 *
 * `flatten` before the first `fc` and `logSoftmax` at the end are implied in both.
 */

/** MNIST's images. */
export const DIGITS: InputShape = { channels: 1, height: 28, width: 28 };

/** Longer texts are rejected before parsing. */
const MOST_CHARACTERS = 4000;

export interface ReadOptions {
  /** Shape of the images. Default: MNIST's. */
  input?: InputShape;
  /** Number of classes in the data, which the last linear layer must match. */
  classes?: number;
  /** Whether the layers must fit each other and the limits. Default true. */
  checked?: boolean;
}

/** Matches the short form, which has neither spaces nor commas. */
const SHORT = /^[a-z]\d*[a-z0-9-]*$/;

/**
 * Reads `conv 32 3x3, relu, fc 10`.
 * @throws NetworkError that names the layer, what was expected and what was found.
 */
export function parseNetworkText(text: string, options: ReadOptions = {}): NetworkDescription {
  return read(text, ',', layerOfText, 'parseNetworkText', options);
}

/**
 * Reads `c32k3-r-f10`.
 * @throws NetworkError that names the layer, what was expected and what was found.
 */
export function parseNetworkLink(text: string, options: ReadOptions = {}): NetworkDescription {
  return read(text, '-', layerOfLink, 'parseNetworkLink', options);
}

/** Reads either form. @throws NetworkError, see `parseNetworkText`. */
export function parseNetwork(text: string, options: ReadOptions = {}): NetworkDescription {
  const short = text.includes('-') && SHORT.test(text);
  return short ? parseNetworkLink(text, options) : parseNetworkText(text, options);
}

/** The network as text for `parseNetworkText`, without the input's shape. */
export function networkText({ layers }: NetworkDescription): string {
  return layers.flatMap((layer) => textOfLayer(layer) ?? []).join(', ');
}

/** The network as text for `parseNetworkLink`, without the input's shape. */
export function networkLink({ layers }: NetworkDescription): string {
  return layers.flatMap((layer) => linkOfLayer(layer) ?? []).join('-');
}

function read(
  text: string,
  separator: string,
  layerOf: (item: string) => UnnamedLayer | string,
  caller: string,
  { input = DIGITS, classes, checked = true }: ReadOptions,
): NetworkDescription {
  if (text.length > MOST_CHARACTERS) {
    throw new NetworkError(caller, `expected at most ${MOST_CHARACTERS} characters, found ${text.length}`);
  }
  const items = text.split(separator).map((item) => item.trim());
  if (items.length > LIMITS.layers) {
    throw new NetworkError(caller, `expected at most ${LIMITS.layers} layers, found ${items.length}`);
  }
  const layers = items.map((item, index) => {
    const layer = layerOf(item);
    if (typeof layer === 'string') {
      throw new NetworkError(
        caller,
        `layer ${index + 1}: ${layer}, found ${JSON.stringify(item.slice(0, 40))}`,
        index,
      );
    }
    return layer;
  });
  const network = { input: { ...input }, layers: nameLayers(complete(layers)) };
  if (checked) assertNetwork(network, caller, classes);
  return network;
}

/** The network for other data: with their images' shape, and as many outputs as they have classes. */
export function adaptedNetwork(
  { layers }: NetworkDescription,
  { input, classes }: { input: InputShape; classes: number },
): NetworkDescription {
  const last = layers.findLastIndex(({ kind }) => kind === 'linear');
  return {
    input: { ...input },
    layers: layers.map((layer, i) =>
      i === last && layer.kind === 'linear' ? { ...layer, outputs: classes } : layer,
    ),
  };
}

/** Puts `flatten` before the first linear layer and `logSoftmax` at the end. */
export function complete(layers: readonly UnnamedLayer[]): UnnamedLayer[] {
  const linear = layers.findIndex(({ kind }) => kind === 'linear');
  const flat = layers.some(({ kind }) => kind === 'flatten') || linear < 0;
  const ended = layers.at(-1)?.kind === 'logSoftmax';
  return [
    ...layers.slice(0, flat ? 0 : linear),
    ...(flat ? [] : [{ kind: 'flatten' } as const]),
    ...layers.slice(flat ? 0 : linear),
    ...(ended ? [] : [{ kind: 'logSoftmax' } as const]),
  ];
}

const EXAMPLES = 'such as "conv 32 3x3 same", "relu", "pool 2", "dropout 0.25" or "fc 10"';

/** @returns the layer, or what was expected instead. */
function layerOfText(item: string): UnnamedLayer | string {
  const [kind, ...words] = item.split(/\s+/);
  const rest = words.join(' ');
  switch (kind) {
    case 'conv': {
      const found = /^(\d{1,6}) (\d{1,6})x(\d{1,6})(?: (same|valid))?$/.exec(rest);
      if (!found || found[2] !== found[3]) {
        return 'expected the number of filters and the side of a square kernel, such as "conv 32 3x3" or "conv 32 3x3 same"';
      }
      return convolution(found[1], found[2], found[4] === 'same');
    }
    case 'pool':
      return /^\d{1,6}$/.test(rest)
        ? { kind: 'maxPool', size: Number(rest) }
        : 'expected the side of the window, such as "pool 2"';
    case 'dropout':
      return /^0?\.\d{1,20}$|^0$/.test(rest)
        ? { kind: 'dropout', rate: Number(rest) }
        : 'expected a rate from 0 to below 1, such as "dropout 0.25"';
    case 'fc':
      return /^\d{1,6}$/.test(rest)
        ? { kind: 'linear', outputs: Number(rest) }
        : 'expected the number of outputs, such as "fc 128"';
    case 'relu':
    case 'flatten':
    case 'logSoftmax':
      return rest === '' ? { kind } : `expected "${kind}" alone`;
    default:
      return `expected a layer ${EXAMPLES}`;
  }
}

/** @returns the layer, or what was expected instead. */
function layerOfLink(item: string): UnnamedLayer | string {
  const [, kind, digits, kernel, same] = /^([crpdf])(\d{0,20})(?:k(\d{1,6})(s)?)?$/.exec(item) ?? [];
  const alone = kernel === undefined;
  if (kind === 'c' && !alone && digits !== '') return convolution(digits, kernel, same !== undefined);
  if (kind === 'r' && alone && digits === '') return { kind: 'relu' };
  if (kind === 'p' && alone && digits !== '') return { kind: 'maxPool', size: Number(digits) };
  if (kind === 'f' && alone && digits !== '') return { kind: 'linear', outputs: Number(digits) };
  // Require two digits, because a single digit could mean tenths or hundredths.
  if (kind === 'd' && alone && digits.length >= 2) return { kind: 'dropout', rate: Number(`0.${digits}`) };
  return 'expected a layer such as "c32k3", "c32k3s" (same), "r", "p2", "d25" (two digits or more after the point) or "f10"';
}

function convolution(filters: string, kernelSize: string, same: boolean): UnnamedLayer {
  const layer = { kind: 'conv', filters: Number(filters), kernelSize: Number(kernelSize) } as const;
  return same ? { ...layer, padding: 'same' } : layer;
}

/** Undefined for an implied layer. */
function textOfLayer(layer: Layer): string | undefined {
  switch (layer.kind) {
    case 'conv':
      return `conv ${layer.filters} ${layer.kernelSize}x${layer.kernelSize}${layer.padding === 'same' ? ' same' : ''}`;
    case 'relu':
      return 'relu';
    case 'maxPool':
      return `pool ${layer.size}`;
    case 'dropout':
      return `dropout ${layer.rate}`;
    case 'linear':
      return `fc ${layer.outputs}`;
    case 'flatten':
    case 'logSoftmax':
      return undefined;
    default:
      return layer satisfies never;
  }
}

function linkOfLayer(layer: Layer): string | undefined {
  switch (layer.kind) {
    case 'conv':
      return `c${layer.filters}k${layer.kernelSize}${layer.padding === 'same' ? 's' : ''}`;
    case 'relu':
      return 'r';
    case 'maxPool':
      return `p${layer.size}`;
    case 'dropout':
      return `d${decimals(layer.rate)}`;
    case 'linear':
      return `f${layer.outputs}`;
    case 'flatten':
    case 'logSoftmax':
      return undefined;
    default:
      return layer satisfies never;
  }
}

/** The digits after the point, at least two. */
function decimals(rate: number): string {
  return (String(rate).split('.')[1] ?? '').padEnd(2, '0');
}
