import fc from 'fast-check';
import { networkFaults } from '../../../src/ml/model/limits.ts';
import { nameLayers, type UnnamedLayer } from '../../../src/ml/model/names.ts';
import { layerShapes, type NetworkDescription } from '../../../src/ml/model/network.ts';
import { complete } from '../../../src/ml/model/text.ts';

/** Small networks with every kind of layer, in usual and unusual orders. */
export const deeperNetworks: [string, NetworkDescription][] = [
  [
    'two padded convolutions with pools and dropout',
    describeNetwork({ channels: 3, height: 9, width: 10 }, [
      { kind: 'conv', filters: 5, kernelSize: 4, padding: 'same' },
      { kind: 'relu' },
      { kind: 'maxPool', size: 2 },
      { kind: 'conv', filters: 7, kernelSize: 3, padding: 'same' },
      { kind: 'relu' },
      { kind: 'maxPool', size: 2 },
      { kind: 'dropout', rate: 0.25 },
      { kind: 'linear', outputs: 11 },
      { kind: 'relu' },
      { kind: 'dropout', rate: 0.5 },
      { kind: 'linear', outputs: 6 },
    ]),
  ],
  [
    'convolutions without ReLU, a pool before it, and dropout of the image',
    describeNetwork({ channels: 1, height: 11, width: 8 }, [
      { kind: 'dropout', rate: 0.1 },
      { kind: 'conv', filters: 2, kernelSize: 2 },
      { kind: 'conv', filters: 6, kernelSize: 1 },
      { kind: 'maxPool', size: 3 },
      { kind: 'relu' },
      { kind: 'dropout', rate: 0.3 },
      { kind: 'conv', filters: 9, kernelSize: 2 },
      { kind: 'linear', outputs: 13 },
    ]),
  ],
  [
    'a perceptron behind a pool of the image',
    describeNetwork({ channels: 3, height: 5, width: 7 }, [
      { kind: 'maxPool', size: 2 },
      { kind: 'relu' },
      { kind: 'linear', outputs: 9 },
      { kind: 'linear', outputs: 3 },
      { kind: 'relu' },
      { kind: 'linear', outputs: 2 },
    ]),
  ],
];

function describeNetwork(
  input: NetworkDescription['input'],
  layers: readonly UnnamedLayer[],
): NetworkDescription {
  return { input, layers: nameLayers(complete(layers)) };
}

/** Arbitrary descriptions with matching layers of any depth, on small images. */
export const anyNetwork: fc.Arbitrary<NetworkDescription> = fc
  .record({
    channels: fc.constantFrom(1, 3),
    height: fc.integer({ min: 8, max: 13 }),
    width: fc.integer({ min: 8, max: 13 }),
    body: fc.array(
      fc.oneof(
        fc.record({
          kind: fc.constant('conv' as const),
          filters: fc.integer({ min: 1, max: 9 }),
          kernelSize: fc.integer({ min: 1, max: 5 }),
          padding: fc.constantFrom('same' as const, 'valid' as const),
        }),
        fc.constant({ kind: 'relu' as const }),
        fc.record({ kind: fc.constant('maxPool' as const), size: fc.integer({ min: 1, max: 3 }) }),
        fc.record({ kind: fc.constant('dropout' as const), rate: fc.constantFrom(0, 0.25, 0.5) }),
      ),
      { maxLength: 6 },
    ),
    head: fc.array(fc.integer({ min: 4, max: 18 }), { maxLength: 2 }),
    classes: fc.integer({ min: 2, max: 12 }),
    rectified: fc.boolean(),
  })
  .map(({ channels, height, width, body, head, classes, rectified }) => {
    const hidden = head.flatMap((outputs): UnnamedLayer[] => [
      { kind: 'linear', outputs },
      ...(rectified ? [{ kind: 'relu' as const }] : []),
    ]);
    const last: UnnamedLayer = { kind: 'linear', outputs: classes };
    return describeNetwork({ channels, height, width }, [...body, ...hidden, last]);
  })
  .filter((network) => networkFaults(network).length === 0 && layerShapes(network).length > 0);
