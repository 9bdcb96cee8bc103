import { CallError } from '../../ml/callError.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';

/** Layers without information of their own: flattening only changes the shape, dropout is off, and log-softmax repeats the logits. */
const REPEATING = ['flatten', 'dropout', 'logSoftmax'];

/** Layers whose activations are worth analyzing. */
export function analyzedLayers({ layers }: NetworkDescription): string[] {
  const named = layers.filter(({ kind }) => !REPEATING.includes(kind));
  return ['input', ...named.map(({ name }) => name)];
}

/** With at most this many layers, an analysis covers all of them by default. */
const FEW_LAYERS = 4;

/**
 * The layers that are analyzed by default: the input, the output of each ReLU and pool, and the logits; in a small network
 * such as the notebook's, all.
 */
export function firstLayers(network: NetworkDescription): string[] {
  const analyzed = analyzedLayers(network);
  if (analyzed.length <= FEW_LAYERS) return analyzed;
  const kindOf = (name: string) => network.layers.find((layer) => layer.name === name)?.kind;
  const logits = logitsLayer(network);
  return analyzed.filter((name) => {
    const kind = kindOf(name);
    return name === 'input' || kind === 'relu' || kind === 'maxPool' || name === logits;
  });
}

/** The last linear layer, whose outputs are the classes' logits. */
export function logitsLayer({ layers }: NetworkDescription): string {
  return layers.findLast(({ kind }) => kind === 'linear')?.name ?? 'input';
}

/** The layer whose analysis shows the named layer: itself, or the nearest before it with information of its own. */
export function analyzedLayer(network: NetworkDescription, name: string): string {
  const place = network.layers.findIndex((layer) => layer.name === name);
  const analyzed = analyzedLayers(network);
  const before = network.layers.slice(0, place + 1).findLast((layer) => analyzed.includes(layer.name));
  return before?.name ?? 'input';
}

/** @throws unless the network has the layer. */
export function checkLayer(network: NetworkDescription, layer: unknown, caller: string): string {
  const names = ['input', ...network.layers.map(({ name }) => name)];
  if (typeof layer !== 'string' || !names.includes(layer)) {
    throw new CallError(caller, `expected a layer among ${names.join(', ')}, found "${String(layer)}"`);
  }
  return layer;
}
