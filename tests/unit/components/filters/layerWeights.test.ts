import { expect, test } from 'vitest';
import {
  filterNorms,
  isStreamed,
  shownWeights,
  sliceNorms,
  weightShapes,
  weightText,
} from '../../../../src/components/filters/layerWeights.ts';
import { notebookNetwork, parameterShapes, sizeOf } from '../../../../src/ml/model/network.ts';
import { PRESETS, presetNetwork } from '../../../../src/ml/model/presets.ts';

const lenet = presetNetwork('lenet');

test.each(PRESETS)('the slices of $title hold exactly its weights', ({ id }) => {
  const network = presetNetwork(id);
  const shapes = weightShapes(network);
  const parameters = parameterShapes(network).filter(({ name }) => name.endsWith('.weight'));
  expect(shapes.map(({ layer }) => `${layer}.weight`)).toEqual(parameters.map(({ name }) => name));
  expect(shapes.map(({ filters, channels, rows, columns }) => filters * channels * rows * columns)).toEqual(
    parameters.map(({ shape }) => sizeOf(shape)),
  );
});

test('a linear layer has maps of its input: the image, or the maps of the layer before', () => {
  expect(weightShapes(presetNetwork('perceptron'))[0]).toEqual({
    layer: 'fc1',
    kind: 'linear',
    filters: 128,
    channels: 1,
    rows: 28,
    columns: 28,
    onImage: true,
  });
  expect(weightShapes(lenet)[2]).toMatchObject({ layer: 'fc1', channels: 16, rows: 5, columns: 5 });
  expect(weightShapes(lenet)[3]).toMatchObject({ layer: 'fc2', channels: 120, rows: 1, columns: 1 });
  expect(weightText(weightShapes(lenet)[1])).toBe('16 × 6 × 5 × 5 = 2,400 weights');
});

test('a layer without weights shows the weights of the layer before, and only the first convolution is streamed', () => {
  expect(shownWeights(lenet, 'pool2').layer).toBe('conv2');
  expect(shownWeights(lenet, 'logSoftmax').layer).toBe('fc3');
  expect(shownWeights(lenet, undefined).layer).toBe('conv1');
  expect(shownWeights(lenet, 'input').layer).toBe('conv1');
  expect(shownWeights(presetNetwork('perceptron'), 'flatten').layer).toBe('fc1');
  expect(isStreamed(shownWeights(lenet, 'relu1'), lenet)).toBe(true);
  expect(isStreamed(shownWeights(lenet, 'conv2'), lenet)).toBe(false);
  expect(isStreamed(shownWeights(notebookNetwork(), 'fc'), notebookNetwork())).toBe(false);
});

test('norms are of slices and of filters; single weights keep their sign', () => {
  const weight = Float32Array.of(3, 4, 0, -2, 5, 12, 0, 0);
  const shape = { ...shownWeights(lenet, 'conv2'), filters: 2, channels: 2, rows: 1, columns: 2 };
  expect([...sliceNorms(weight, shape)]).toEqual([5, 2, 13, 0]);
  expect(filterNorms(weight, 2)[1]).toBe(13);
  expect([...sliceNorms(weight, { ...shape, channels: 4, columns: 1 })]).toEqual([...weight]);
});
