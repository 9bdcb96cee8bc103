import { beforeAll, describe, expect, test } from 'vitest';
import { imageWindow, type Unit, unitSum } from '../../../../src/components/activations/unitSum.ts';
import type { InspectedImages } from '../../../../src/lab/images/imageInspection.ts';
import { createWasmEngine } from '../../../../src/ml/engines/wasm/engine.ts';
import { inspect } from '../../../../src/ml/evaluation/inspect.ts';
import { initialParameters } from '../../../../src/ml/model/initialize.ts';
import { layerShapes } from '../../../../src/ml/model/network.ts';
import { parseNetworkText } from '../../../../src/ml/model/text.ts';
import { Mt19937 } from '../../../../src/ml/random/mt19937.ts';

const network = parseNetworkText(
  'conv 4 5x5 same, relu, pool 2, dropout 0.25, conv 6 4x4 same, relu, pool 3, fc 12, relu, fc 10',
);
let inspected: InspectedImages;

beforeAll(async () => {
  const engine = await createWasmEngine({ network });
  const parameters = initialParameters(network, new Mt19937(7));
  await engine.load({ parameters });
  const pixels = Float32Array.from({ length: 784 }, (_, i) => ((i * 2654435761) % 1000) / 1000);
  const image = { id: 'made:1', name: 'made', pixels, origin: { kind: 'pixels' as const } };
  const inspection = await inspect(engine, pixels);
  inspected = { step: 0, network, parameters, images: [image], inspection };
  await engine.dispose();
});

const unitOf = (layer: string, map: number, row = 0, column = 0): Unit => ({
  image: 'made:1',
  layer,
  map,
  row,
  column,
});

/** The float64 value that the computation gives. */
function computedAt(unit: Unit): number {
  const found = unitSum(inspected, unit);
  if (!found) throw new Error(`no computation of ${JSON.stringify(unit)}`);
  if (found.kind === 'maxPool') return found.window[found.winner];
  return found.kind === 'logSoftmax' ? found.logit - found.logSum : found.sum;
}

describe('the computation of a unit', () => {
  const shapes = layerShapes(network).slice(1);
  test.each(shapes.filter(({ name }) => name !== 'flatten').map(({ name, shape }) => [name, shape] as const))(
    'of %s gives what the engine computed, at every place',
    (layer, [maps, rows = 1, columns = 1]) => {
      const { data } = inspected.inspection.layers[layer];
      const chain = network.layers.find(({ name }) => name === layer)?.kind;
      for (let map = 0; map < maps; map++) {
        for (const row of new Set([0, 1, rows - 1].filter((place) => place < rows))) {
          for (const column of new Set([0, Math.floor(columns / 2), columns - 1])) {
            const unit = unitOf(layer, map, row, column);
            const value = computedAt(unit);
            const engines = data[(map * rows + row) * columns + column];
            expect(chain === 'relu' ? Math.max(0, value) : value).toBeCloseTo(engines, 4);
            expect(unitSum(inspected, unit)?.activations.at(-1)).toMatchObject({ layer, value: engines });
          }
        }
      }
    },
  );

  test('shows the channel that counts most, or the requested channel', () => {
    const unit = unitOf('conv2', 3, 5, 5);
    const found = unitSum(inspected, unit);
    if (found?.kind !== 'conv') throw new Error('expected a convolution');
    expect(found.source).toBe('dropout');
    expect(found.channels).toHaveLength(4);
    const most = Math.max(...found.channels.map(Math.abs));
    expect(Math.abs(found.channels[found.channel])).toBe(most);
    const asked = unitSum(inspected, unit, 2);
    if (asked?.kind !== 'conv') throw new Error('expected a convolution');
    expect(asked.channel).toBe(2);
    expect(asked.products.reduce((sum, product) => sum + product, 0)).toBeCloseTo(found.channels[2], 12);
  });

  test('names the inputs of a linear layer by their place in the maps, the largest first', () => {
    const found = unitSum(inspected, unitOf('fc1', 2));
    if (found?.kind !== 'linear') throw new Error('expected a linear layer');
    expect(found.source).toBe('pool2');
    expect(found.largest[0].input).toMatch(/^map \d, row \d, column \d$/);
    const sizes = found.largest.map(({ product }) => Math.abs(product));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(found.rest.count).toBe(6 * 4 * 4 - 8);
  });

  test('there is none of a unit, an image or a layer that does not exist', () => {
    expect(unitSum(inspected, unitOf('conv2', 6))).toBeUndefined();
    expect(unitSum(inspected, unitOf('pool2', 0, 4, 0))).toBeUndefined();
    expect(unitSum(inspected, unitOf('conv3', 0))).toBeUndefined();
    expect(unitSum(inspected, { ...unitOf('conv1', 0), image: 'gone' })).toBeUndefined();
  });
});

test('a window ends at the image’s edges, and only the first convolution has a window', () => {
  expect(imageWindow(inspected, unitOf('conv1', 0, 10, 10))).toEqual({
    row: 8,
    column: 8,
    rows: 5,
    columns: 5,
  });
  expect(imageWindow(inspected, unitOf('relu1', 0, 0, 27))).toEqual({
    row: 0,
    column: 25,
    rows: 3,
    columns: 3,
  });
  expect(imageWindow(inspected, unitOf('pool1', 0))).toBeUndefined();
});
