import { afterEach, expect, it } from 'vitest';
import { layerShapes, sizeOf } from '../../src/ml/model/network.ts';
import { parseNetworkText } from '../../src/ml/model/text.ts';
import { type BrowserProfile, createProfile } from './browserProfile.ts';

let profile: BrowserProfile | undefined;
afterEach(() => profile?.closeAll());

const network = 'conv 3 5x5 same, relu, pool 4, dropout 0.25, fc 12, relu, dropout 0.5, fc 10';

it('every question takes every layer of the network', async () => {
  profile = createProfile();
  const { api } = await profile.open();
  await api.reset({ network });
  await api.train({ maxSteps: 30 });
  const image = { split: 'test' as const, index: 7 };
  const layers = layerShapes(parseNetworkText(network));
  expect(layers.map(({ name }) => name)).toEqual([
    ...[
      'input',
      'conv',
      'relu1',
      'pool',
      'dropout1',
      'flatten',
      'fc1',
      'relu2',
      'dropout2',
      'fc2',
      'logSoftmax',
    ],
  ]);
  const inspected = (await api.inspect(image)).layers;
  for (const { name, shape } of layers) {
    const { data, shape: found } = await api.forward({ images: [image], layer: name });
    expect(found).toEqual([1, ...shape]);
    // `inspect` leaves out flatten, which has the values of the layer before.
    if (name !== 'flatten') expect(inspected[name].data).toEqual(data);
    const spectrum = await api.spectrum({ layer: name, count: 20 });
    expect(spectrum.singularValues).toHaveLength(Math.min(20, sizeOf(shape)));
    const metamer = await api.metamer({ image, layer: name, iterations: 5 });
    expect(metamer.losses.every((loss) => loss > 0)).toBe(true);
  }
  const names = layers.map(({ name }) => name);
  const geometry = await api.geometry({ layers: names, examplesPerClass: 8, samples: 10, resamples: 0 });
  expect(Object.keys(geometry)).toEqual(names);
});
