import { layerShapes, type NetworkDescription } from '../model/network.ts';
import type { OptimizerDescription } from '../model/optimizer.ts';
import {
  checked,
  list,
  number,
  oneOf,
  optional,
  record,
  type Schema,
  text,
  variants,
  whole,
} from './schema.ts';

const size = whole({ min: 1, max: 4096 });
const name = text(100);

const layer = variants({
  conv: record({ name, filters: size, kernelSize: size, padding: optional(oneOf('valid', 'same')) }),
  relu: record({ name }),
  maxPool: record({ name, size }),
  dropout: record({ name, rate: number() }),
  flatten: record({ name }),
  linear: record({ name, outputs: size }),
  logSoftmax: record({ name }),
});

/** Reads a network and checks that its layers fit each other. */
export const networkSchema: Schema<NetworkDescription> = checked(
  record({ input: record({ channels: size, height: size, width: size }), layers: list(layer, 100) }),
  (network) => {
    layerShapes(network);
  },
);

export const optimizerSchema: Schema<OptimizerDescription> = variants({
  adam: record({}),
  sgd: record({ momentum: number(), weightDecay: number() }),
});
