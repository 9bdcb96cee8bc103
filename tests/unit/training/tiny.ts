import type { Engine } from '../../../src/ml/engines/engine.ts';
import { createTfjsEngine } from '../../../src/ml/engines/tfjs/engine.ts';
import type { NetworkDescription } from '../../../src/ml/model/network.ts';
import type { LabeledSet } from '../../../src/ml/training/run.ts';

/** A network small enough for plain JavaScript to train in milliseconds. */
export const tinyNetwork: NetworkDescription = {
  input: { channels: 1, height: 6, width: 6 },
  layers: [
    { kind: 'conv', name: 'conv', filters: 3, kernelSize: 3 },
    { kind: 'relu', name: 'relu' },
    { kind: 'flatten', name: 'flatten' },
    { kind: 'linear', name: 'fc', outputs: 3 },
    { kind: 'logSoftmax', name: 'logSoftmax' },
  ],
};

/** Images of three classes: a bright row, a bright column, or a bright corner, over faint noise. */
export function tinySet(count: number): LabeledSet {
  const images = new Uint8Array(count * 36);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = (i * 7) % 3;
    for (let pixel = 0; pixel < 36; pixel++) {
      const row = Math.floor(pixel / 6);
      const column = pixel % 6;
      const bright = [row === i % 6, column === i % 6, row < 3 && column < 3][labels[i]];
      images[i * 36 + pixel] = (bright ? 200 : 0) + ((i * 31 + pixel * 17) % 40);
    }
  }
  return { images, labels };
}

export async function tinyEngine(train: LabeledSet): Promise<Engine> {
  const engine = await createTfjsEngine({ network: tinyNetwork, backend: 'cpu' });
  await engine.setData(train.images, train.labels);
  return engine;
}
