import { CallError } from '../callError.ts';
import type { Engine } from '../engines/engine.ts';
import { argmax } from '../evaluation/evaluate.ts';
import { layerShapes, shapeAt, sizeOf } from '../model/network.ts';
import { type PreparedVector, prepareVector } from './statistics.ts';

export interface Classification {
  prediction: number;
  probabilities: Float64Array;
}

/** All layers except `flatten`, whose values equal the preceding layer's. */
export function comparedLayers({ network }: Engine): string[] {
  return layerShapes(network)
    .map(({ name }) => name)
    .filter((name) => network.layers.find((layer) => layer.name === name)?.kind !== 'flatten');
}

/** The compared layer with the same values as a layer: the one before `flatten`, or else the layer itself. */
export function comparedLayer({ network }: Engine, layer: string): string {
  const index = network.layers.findIndex(({ name }) => name === layer);
  if (network.layers[index]?.kind !== 'flatten') return layer;
  return network.layers[index - 1]?.name ?? 'input';
}

/** One vector per image [n, pixels]. */
export async function vectorsAt(
  engine: Engine,
  images: Float32Array,
  layer: string,
): Promise<PreparedVector[]> {
  const activations = await engine.forward(images, layer);
  return splitRows(activations, sizeOf(shapeAt(engine.network, layer))).map(prepareVector);
}

/** Class and probabilities of each image [n, pixels]; the network must end in logSoftmax. */
export async function classify(engine: Engine, images: Float32Array): Promise<Classification[]> {
  const output = engine.network.layers.at(-1);
  if (output?.kind !== 'logSoftmax') {
    throw new CallError(
      'classify',
      `expected a network that ends in logSoftmax, found ${output?.kind ?? 'no layers'}`,
    );
  }
  const scores = await engine.forward(images, output.name);
  return splitRows(scores, sizeOf(shapeAt(engine.network, output.name))).map((row) => ({
    prediction: argmax(row),
    probabilities: Float64Array.from(row, Math.exp),
  }));
}

function splitRows(values: Float32Array, columns: number): Float32Array[] {
  return Array.from({ length: values.length / columns }, (_, row) =>
    values.subarray(row * columns, (row + 1) * columns),
  );
}
