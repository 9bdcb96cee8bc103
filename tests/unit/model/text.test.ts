import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS, NetworkError, networkFaults, parameterCount } from '../../../src/ml/model/limits.ts';
import { nameLayers, type UnnamedLayer } from '../../../src/ml/model/names.ts';
import {
  isNotebookFamily,
  layerShapes,
  notebookNetwork,
  sameNetwork,
  shapeAt,
} from '../../../src/ml/model/network.ts';
import { PRESETS, presetNetwork, presetOf } from '../../../src/ml/model/presets.ts';
import {
  complete,
  networkLink,
  networkText,
  parseNetwork,
  parseNetworkLink,
  parseNetworkText,
} from '../../../src/ml/model/text.ts';

const LENET = 'conv 6 5x5 same, relu, pool 2, conv 16 5x5, relu, pool 2, fc 120, relu, fc 84, relu, fc 10';

describe('the presets', () => {
  it.each([
    ['notebook', 216_650],
    ['perceptron', 109_386],
    ['lenet', 61_706],
    ['pytorch', 1_199_882],
  ] as const)('%s has %i parameters', (id, parameters) => {
    const network = presetNetwork(id);
    expect(parameterCount(network)).toBe(parameters);
    expect(presetOf(network)?.id).toBe(id);
  });

  it('have the names of PyTorch’s example', () => {
    expect(sameNetwork(presetNetwork('notebook'), notebookNetwork())).toBe(true);
    expect(presetNetwork('pytorch').layers.map(({ name }) => name)).toEqual(
      'conv1 relu1 conv2 relu2 pool dropout1 flatten fc1 relu3 dropout2 fc2 logSoftmax'.split(' '),
    );
  });

  it('adapt to other data', () => {
    for (const { id } of PRESETS) {
      const network = presetNetwork(id, { input: { channels: 3, height: 32, width: 32 }, classes: 7 });
      expect(shapeAt(network, 'logSoftmax')).toEqual([7]);
      expect(networkFaults(network, 7)).toEqual([]);
    }
  });

  it('distinguish the notebook’s family from others', () => {
    expect(isNotebookFamily(notebookNetwork({ filters: 9, kernelSize: 5 }))).toBe(true);
    expect(isNotebookFamily(presetNetwork('lenet'))).toBe(false);
    expect(isNotebookFamily(parseNetworkText('conv 32 3x3 same, relu, fc 10'))).toBe(false);
  });
});

describe('the text forms', () => {
  it('describe the same network as text and in a link', () => {
    const network = parseNetworkText(LENET);
    expect(sameNetwork(network, presetNetwork('lenet'))).toBe(true);
    expect(networkText(network)).toBe(LENET);
    expect(networkLink(network)).toBe('c6k5s-r-p2-c16k5-r-p2-f120-r-f84-r-f10');
    expect(sameNetwork(parseNetworkLink(networkLink(network)), network)).toBe(true);
    expect(networkLink(presetNetwork('pytorch'))).toBe('c32k3-r-c64k3-r-p2-d25-f128-r-d50-f10');
    expect(sameNetwork(parseNetwork('c32k3-r-f10'), parseNetwork('conv 32 3x3, relu, fc 10'))).toBe(true);
    expect(parseNetworkLink('d05-f10').layers[0]).toMatchObject({ rate: 0.05 });
  });

  it('survive a round trip, for any network', () => {
    const layer: fc.Arbitrary<UnnamedLayer> = fc.oneof(
      fc.record({
        kind: fc.constant('conv' as const),
        filters: fc.integer({ min: 1, max: 12 }),
        kernelSize: fc.integer({ min: 1, max: 5 }),
        padding: fc.constant('same' as const),
      }),
      fc.constant({ kind: 'relu' as const }),
      fc.constant({ kind: 'maxPool' as const, size: 1 }),
      fc.double({ min: 0.001, max: 0.999, noNaN: true }).map((rate) => ({ kind: 'dropout' as const, rate })),
    );
    const head = fc.array(fc.integer({ min: 1, max: 512 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(layer, { maxLength: 8 }), head, (body, outputs) => {
        const linear = outputs.map((count) => ({ kind: 'linear' as const, outputs: count }));
        const network = {
          input: { channels: 1, height: 8, width: 8 },
          layers: nameLayers(complete([...body, ...linear])),
        };
        const { input } = network;
        expect(sameNetwork(parseNetworkText(networkText(network), { input }), network)).toBe(true);
        expect(networkLink(network)).not.toMatch(/[^a-z0-9-]/);
        expect(sameNetwork(parseNetworkLink(networkLink(network), { input }), network)).toBe(true);
      }),
    );
  });

  it('reject any other text with a NetworkError', () => {
    const word = fc.constantFrom(
      'conv',
      '32',
      '3x3',
      'same',
      ',',
      'relu',
      'pool',
      'fc',
      '-',
      'c3k3',
      '0.5',
      'd5',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(word).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(text, (given) => {
        try {
          const network = parseNetwork(given);
          expect(sameNetwork(parseNetwork(networkText(network)), network)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(NetworkError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, number | undefined, RegExp]>([
    ['', 0, /layer 1: expected a layer such as .*found ""/],
    ['conv 32 3x3, relu, linear 10', 2, /layer 3: expected a layer/],
    ['conv 32 3x5, fc 10', 0, /square kernel.*"conv 32 3x5"/],
    ['conv 32, fc 10', 0, /number of filters/],
    ['conv 129 3x3, fc 10', 0, /layer 1 \(conv\): expected filters .* from 1 to 128, found 129/],
    ['conv 8 12x12, fc 10', 0, /kernel size .* 11, found 12/],
    ['dropout 1.5, fc 10', 0, /rate from 0 to below 1/],
    ['dropout .0001, fc 10', 0, /from 0.001/],
    ['fc 513, fc 10', 1, /from 1 to 512, found 513/],
    ['fc 16, conv 3 3x3, fc 10', 2, /\(conv\): expected \[channels, height, width\], found \[16\]/],
    ['pool 29, fc 10', 0, /at least 29 pixels a side, found 28 x 28/],
    ['fc 10, relu', undefined, /expected the network to end with a linear layer/],
    ['relu', undefined, /expected the network to end/],
    ['fc 11', 1, /expected 10 outputs in the last linear layer.*found 11/],
    [`${'fc 8, '.repeat(12)}fc 10`, undefined, /at most 12 layers with weights, found 13/],
    ['conv 8 3x3, flatten, relu, fc 10', 1, /flatten directly before the first linear layer/],
    ['conv 128 3x3, relu, fc 512, fc 10', 3, /4,000,000 parameters in all, found 44,.* most of them here/],
  ])('say what is wrong with "%s", at its layer', (text, layer, message) => {
    try {
      parseNetworkText(text, { classes: 10 });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(NetworkError);
      expect(error).toMatchObject({ message: expect.stringMatching(message), layer });
    }
  });

  it.each(['d5-f10', 'c3-f10', 'r2-f10', 'x-f10', 'p-f10', 'f10.5', 'd0.5-f10', 'f10-', 'C3k3-f10'])(
    'refuse the link "%s"',
    (text) => {
      expect(() => parseNetworkLink(text)).toThrow(NetworkError);
    },
  );

  it('accept images of 1 or 3 channels, 8 to 64 pixels per side', () => {
    const { least, most } = LIMITS.sides;
    for (const channels of [1, 3]) {
      expect(parseNetworkText('fc 2', { input: { channels, height: least, width: most } }).input.width).toBe(
        64,
      );
    }
    expect(() => parseNetworkText('fc 2', { input: { channels: 2, height: 9, width: 9 } })).toThrow(/1 or 3/);
    expect(() => parseNetworkText('fc 2', { input: { channels: 1, height: 7, width: 9 } })).toThrow(/7 x 9/);
  });
});

it('limit a network’s activations to the memory available', () => {
  const input = { channels: 3, height: 64, width: 64 };
  const [fault] = networkFaults({
    input,
    layers: nameLayers(
      complete([
        ...Array.from({ length: 4 }, () => ({
          kind: 'conv' as const,
          filters: 128,
          kernelSize: 3,
          padding: 'same' as const,
        })),
        { kind: 'maxPool', size: 64 },
        { kind: 'linear', outputs: 2 },
      ]),
    ),
  });
  expect(fault).toMatchObject({ layer: 0, message: expect.stringMatching(/2,000,000 activations/) });
});

describe('shapes', () => {
  it('follow padding and pooling as PyTorch does', () => {
    const network = parseNetworkText('conv 4 4x4 same, pool 3, conv 5 2x2, flatten, fc 6, fc 3', {
      input: { channels: 3, height: 17, width: 16 },
    });
    expect(layerShapes(network).map(({ shape }) => shape.join('x'))).toEqual([
      '3x17x16',
      '4x17x16',
      '4x5x5',
      '5x4x4',
      '80',
      '6',
      '3',
      '3',
    ]);
  });
});
