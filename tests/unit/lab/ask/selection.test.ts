import { describe, expect, test } from 'vitest';
import { analyzedLayer, firstLayers, logitsLayer } from '../../../../src/lab/ask/layers.ts';
import { pairedLayers } from '../../../../src/lab/compare/comparedGeometry.ts';
import { followedLayers } from '../../../../src/lab/metamers/followedLayers.ts';
import { notebookNetwork } from '../../../../src/ml/model/network.ts';
import { presetNetwork } from '../../../../src/ml/model/presets.ts';

const lenet = presetNetwork('lenet');

describe('the layers of an analysis', () => {
  test('are the input, every ReLU and pool, and the logits; all of the notebook’s few', () => {
    expect(firstLayers(notebookNetwork())).toEqual(['input', 'conv', 'relu', 'fc']);
    expect(firstLayers(lenet)).toEqual([
      'input',
      'relu1',
      'pool1',
      'relu2',
      'pool2',
      'relu3',
      'relu4',
      'fc3',
    ]);
    expect(firstLayers(presetNetwork('pytorch'))).toEqual([
      'input',
      'relu1',
      'relu2',
      'pool',
      'relu3',
      'fc2',
    ]);
  });

  test('a layer without information of its own stands for the layer before', () => {
    expect(analyzedLayer(lenet, 'conv2')).toBe('conv2');
    expect(analyzedLayer(lenet, 'flatten')).toBe('pool2');
    expect(analyzedLayer(lenet, 'logSoftmax')).toBe('fc3');
    expect(analyzedLayer(lenet, 'input')).toBe('input');
    expect(analyzedLayer(presetNetwork('pytorch'), 'dropout2')).toBe('relu3');
    expect(analyzedLayer(presetNetwork('perceptron'), 'flatten')).toBe('input');
    expect(logitsLayer(lenet)).toBe('fc3');
  });
});

describe('the layers that metamers match', () => {
  test('follow the layer chosen on the page', () => {
    expect(followedLayers(['conv1', 'fc3'], lenet, 'pool2')).toEqual(['pool2']);
    expect(followedLayers(['conv1', 'fc3'], lenet, 'flatten')).toEqual(['pool2']);
  });

  test('stay if the network has all of them; otherwise they become its first layer and its logits', () => {
    const before = ['conv1', 'fc3'];
    expect(followedLayers(before, lenet, undefined)).toBe(before);
    expect(followedLayers(['conv', 'fc'], lenet, undefined)).toEqual(['conv1', 'fc3']);
    expect(followedLayers(['pool2'], notebookNetwork(), undefined)).toEqual(['conv', 'fc']);
  });
});

describe('a compared network’s layers', () => {
  test('stand beside layers of the same name, and logits beside logits', () => {
    const notebook = notebookNetwork();
    expect(pairedLayers(firstLayers(lenet), lenet, notebook)).toEqual([{ own: 'fc3', theirs: 'fc' }]);
    expect(pairedLayers(firstLayers(notebook), notebook, notebook)).toEqual(
      ['conv', 'relu', 'fc'].map((layer) => ({ own: layer, theirs: layer })),
    );
    expect(pairedLayers(['relu1', 'fc2', 'fc3'], lenet, presetNetwork('perceptron'))).toEqual([
      { own: 'relu1', theirs: 'relu1' },
      { own: 'fc2', theirs: 'fc2' },
      { own: 'fc3', theirs: 'fc3' },
    ]);
  });
});
