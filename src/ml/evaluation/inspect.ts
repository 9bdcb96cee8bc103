import { CallError } from '../callError.ts';
import type { Engine } from '../engines/engine.ts';
import { layerShapes, shapeAt, sizeOf } from '../model/network.ts';
import { argmax } from './evaluate.ts';

/** The network's activations and predictions for some images. */
export interface Inspection {
  count: number;
  /** By layer, the input first: activations [count, ...shape]. */
  layers: Record<string, { data: Float32Array; shape: number[] }>;
  /** [count, classes]: softmax of the last linear layer's activations, computed in float64. */
  probabilities: Float32Array;
  predictions: Uint8Array;
}

/** Activations of images [count, pixels] in [0, 1] at every layer of the engine's network. */
export async function inspect(engine: Engine, images: Float32Array): Promise<Inspection> {
  const { network } = engine;
  const pixels = sizeOf(shapeAt(network, 'input'));
  const count = images.length / pixels;
  if (!Number.isInteger(count) || count < 1) {
    throw new CallError('inspect', `expected images of ${pixels} pixels each, found ${images.length} values`);
  }
  const layers: Inspection['layers'] = {};
  for (const { name, shape } of layerShapes(network)) {
    const kind = network.layers.find((layer) => layer.name === name)?.kind;
    // Flattening only changes the shape, so its values equal the previous layer's.
    if (kind === 'flatten') continue;
    const data = name === 'input' ? images.slice() : await engine.forward(images, name);
    layers[name] = { data, shape: [count, ...shape] };
  }
  const output = network.layers.filter(({ kind }) => kind === 'linear').at(-1);
  if (!output) throw new CallError('inspect', 'expected a network with a linear layer, found none');
  const logits = layers[output.name].data;
  const classes = logits.length / count;
  const probabilities = new Float32Array(logits.length);
  const predictions = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    probabilities.set(softmax(row), i * classes);
    predictions[i] = argmax(row);
  }
  return { count, layers, probabilities, predictions };
}

/** Softmax of logits; the largest logit is subtracted first to avoid overflow. */
function softmax(logits: ArrayLike<number>): Float64Array {
  const most = logits[argmax(logits)];
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
