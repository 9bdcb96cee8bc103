import { type Layer, layerShapes, type NetworkDescription } from '../model/network.ts';
import type { OptimizerDescription } from '../model/optimizer.ts';
import type { Json } from './json.ts';

const MAX_SIZE = { min: 1, max: 4096 };
const KINDS = ['conv', 'relu', 'maxPool', 'dropout', 'flatten', 'linear', 'logSoftmax'] as const;

/** Reads a network's description strictly. @throws an Error that names the invalid field. */
export function readNetwork(json: Json): NetworkDescription {
  const input = json.get('input');
  const network = {
    input: {
      channels: input.get('channels').whole(MAX_SIZE),
      height: input.get('height').whole(MAX_SIZE),
      width: input.get('width').whole(MAX_SIZE),
    },
    layers: json.get('layers').list(100).map(readLayer),
  };
  layerShapes(network);
  return network;
}

function readLayer(json: Json): Layer {
  const kind = json.get('kind').oneOf(...KINDS);
  const name = json.get('name').text(100);
  switch (kind) {
    case 'conv': {
      const filters = json.get('filters').whole(MAX_SIZE);
      const kernelSize = json.get('kernelSize').whole(MAX_SIZE);
      const padding = json.optional('padding')?.oneOf('valid', 'same');
      return { kind, name, filters, kernelSize, ...(padding && { padding }) };
    }
    case 'maxPool':
      return { kind, name, size: json.get('size').whole(MAX_SIZE) };
    case 'dropout':
      return { kind, name, rate: json.get('rate').number() };
    case 'linear':
      return { kind, name, outputs: json.get('outputs').whole(MAX_SIZE) };
    case 'relu':
    case 'flatten':
    case 'logSoftmax':
      return { kind, name };
    default:
      return kind satisfies never;
  }
}

/** Reads an optimizer's description. @throws an Error that names the invalid field. */
export function readOptimizer(json: Json): OptimizerDescription {
  const kind = json.get('kind').oneOf('adam', 'sgd');
  return kind === 'adam'
    ? { kind }
    : { kind, momentum: json.get('momentum').number(), weightDecay: json.get('weightDecay').number() };
}
