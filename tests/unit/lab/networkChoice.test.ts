import { describe, expect, it } from 'vitest';
import { networkSettings, optimizerChoice } from '../../../src/lab/state/networkChoice.ts';
import { shapeOf } from '../../../src/lab/state/networkShape.ts';
import { checkSettings, defaultSettings, networkOf } from '../../../src/lab/state/settings.ts';
import { presetNetwork } from '../../../src/ml/model/presets.ts';

describe('a network by choice', () => {
  const lenet = 'conv 6 5x5 same, relu, pool 2, conv 16 5x5, relu, pool 2, fc 120, relu, fc 84, relu, fc 10';

  it.each([
    ['a preset', 'lenet', { network: lenet }],
    ['its text', 'conv 6 5x5 same,relu,pool 2, fc 10', { network: 'conv 6 5x5 same, relu, pool 2, fc 10' }],
    ['its link', 'f32-r-f10', { network: 'fc 32, relu, fc 10' }],
    ['a description', presetNetwork('lenet'), { network: lenet }],
    ['the notebook', 'notebook', { network: 'notebook', filters: 32, kernelSize: 3 }],
    ['filters alone', { filters: 8 }, { network: 'notebook', filters: 8 }],
    ['a text of its family', 'conv 8 5x5, relu, fc 10', { network: 'notebook', filters: 8, kernelSize: 5 }],
  ])('is named by %s', (_, choice, expected) => {
    const settings = networkSettings(choice);
    expect(settings).toEqual(expected);
    const network = networkOf(checkSettings({ ...defaultSettings(), ...settings }));
    expect({ ...settings, ...shapeOf(network) }).toMatchObject(expected);
  });

  it.each<[string, Parameters<typeof networkSettings>[0], RegExp]>([
    ['an unknown name', 'resnet', /expected notebook, perceptron, lenet, pytorch or layers such as/],
    ['a wrong layer', 'conv 8 3x3, blur, fc 10', /layer 2: expected a layer/],
    ['the wrong number of classes', 'fc 9', /10 outputs in the last linear layer/],
    [
      'a description with an unknown kind',
      JSON.parse('{ "input": { "channels": 1, "height": 28, "width": 28 }, "layers": [{ "kind": "blur" }] }'),
      /kind/,
    ],
  ])('says what is wrong with %s', (_, choice, message) => {
    expect(() => networkSettings(choice)).toThrow(message);
  });

  it('reads an optimizer', () => {
    expect(optimizerChoice({ kind: 'adam' })).toEqual({ kind: 'adam' });
    expect(optimizerChoice({ kind: 'sgd', momentum: 0.9 })).toEqual({
      kind: 'sgd',
      momentum: 0.9,
      weightDecay: 0,
    });
    expect(() => optimizerChoice({ kind: 'sgd', momentum: 1 })).toThrow(
      /momentum from 0 to below 1, found 1/,
    );
  });
});
