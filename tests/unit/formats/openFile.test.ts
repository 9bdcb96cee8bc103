import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { writeNpz } from '../../../src/ml/formats/npz.ts';
import { openFile, openParameters } from '../../../src/ml/formats/open/openFile.ts';
import { writeRunFile } from '../../../src/ml/formats/runFile.ts';
import {
  float32Tensor,
  safetensorsFromParameters,
  writeSafetensors,
} from '../../../src/ml/formats/safetensors.ts';
import type { OpenedWeights } from '../../../src/ml/formats/weights/openWeights.ts';
import { readZip, writeZip } from '../../../src/ml/formats/zip.ts';
import { initialParameters } from '../../../src/ml/model/initialize.ts';
import {
  type NetworkDescription,
  notebookNetwork,
  parameterShapes,
  sizeOf,
} from '../../../src/ml/model/network.ts';
import { parseNetwork } from '../../../src/ml/model/text.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';
import { mnistCnn, weightFile } from '../../fixtures/weights.ts';
import { goldenModel } from '../engines/golden.ts';
import { exampleRun } from './exampleRun.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const open = (file: Uint8Array, like = notebookNetwork()) => openParameters(file, like);
const from = ({ renamed }: OpenedWeights) => renamed.map((each) => each.from);

/** @returns the message of the refusal, which must be a sentence for people. */
function refused(file: Uint8Array, like?: NetworkDescription): string {
  try {
    open(file, like);
  } catch (error) {
    if (error instanceof Error) {
      expect(error.message).not.toMatch(/^[a-z]\w*: /);
      return error.message;
    }
  }
  throw new Error('expected a refusal, found an opened file');
}

/** A safetensors file of float32 tensors with the given names and shapes. */
function tensors(shapes: Record<string, number[]>): Uint8Array {
  return writeSafetensors({
    tensors: new Map(
      Object.entries(shapes).map(([name, shape]) => [
        name,
        float32Tensor(
          Float32Array.from({ length: sizeOf(shape) }, (_, i) => i / 8),
          shape,
        ),
      ]),
    ),
  });
}

describe('the cases', () => {
  const plain = open(weightFile('cases/plain_OK.safetensors'));

  it.each<[string, string[]]>([
    ['plain_OK.safetensors', []],
    ['no_extension', []],
    ['small_state_dict.pt', []],
    ['small_legacy.pt', []],
    ['small.npz', []],
    ['extra_tensor.safetensors', []],
    ['small_checkpoint.pt', ['model_state_dict.conv', 'model_state_dict.fc']],
    ['prefix_module.safetensors', ['module.conv', 'module.fc']],
    ['prefix__orig_mod.safetensors', ['_orig_mod.conv', '_orig_mod.fc']],
    ['names_conv1_fc1.safetensors', ['conv1', 'fc1']],
  ])('%s opens as the same network', (name, layers) => {
    const opened = open(weightFile(`cases/${name}`));
    expect(opened.parameters['conv.weight'][0]).toBeCloseTo(0.02514604, 8);
    expect(opened.parameters).toEqual(plain.parameters);
    expect(opened.network).toEqual(notebookNetwork({ filters: 2 }));
    expect(from(opened)).toEqual(layers.flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]));
  });

  it('f16_OK opens with the precision of half floats', () => {
    const { parameters } = open(weightFile('cases/f16_OK.safetensors'));
    expect(parameters['conv.weight'][0]).toBeCloseTo(0.02514604, 4);
  });

  it('names a tensor without a matching parameter', () => {
    expect(open(weightFile('cases/extra_tensor.safetensors')).unused).toEqual(['bn.num_batches_tracked']);
  });

  it.each([
    ['i64.safetensors', /integers \(I64\).*float32/],
    ['tf_layout.safetensors', /TensorFlow.*“conv.weight” \[3, 3, 1, 2\].*numpy.transpose/],
    ['lfs.safetensors', /Git LFS pointer.*git lfs pull/],
  ])('%s is refused, saying what the file is and what to do', (name, message) => {
    expect(refused(weightFile(`cases/${name}`))).toMatch(message);
  });

  it('metadata_number is refused as the safetensors library does', () => {
    expect(() => open(weightFile('cases/metadata_number.safetensors'))).toThrow(
      'expected only texts in __metadata__, found a number',
    );
  });
});

describe('files that PyTorch 1.13 wrote', () => {
  const expected: Record<string, number[]> = JSON.parse(
    readFileSync('tests/fixtures/weights/expected.json', 'utf8'),
  );
  const names = ['conv', 'fc'];

  it.each<[string, string[]]>([
    ['state_dict.pt', names],
    ['module.pt', names],
    ['legacy_state_dict.pt', names],
    ['legacy_module.pt', names],
    ['float64.pt', names],
    ['strides.pt', names],
    ['legacy_strides.pt', names],
    ['torchscript.pt', names],
    ['data_parallel.pt', ['module.conv', 'module.fc']],
    ['data_parallel_module.pt', ['module.conv', 'module.fc']],
    ['sequential.pt', ['0', '3']],
    ['checkpoint.pt', ['model_state_dict.conv', 'model_state_dict.fc']],
    ['checkpoint_sgd.pt', ['net.conv', 'net.fc']],
    ['compressed.npz', names],
    ['fortran.npz', names],
  ])('%s gives the parameters to the bit', (name, [conv, fc]) => {
    const opened = open(weightFile(name));
    for (const [key, [...values]] of Object.entries(expected)) {
      const sum = values.pop();
      const found = opened.parameters[key];
      expect([...found.slice(0, values.length)], key).toEqual(values);
      expect(
        found.reduce((total, value) => total + value, 0),
        key,
      ).toBeCloseTo(sum ?? Number.NaN, 4);
    }
    const all = [`${conv}.weight`, `${conv}.bias`, `${fc}.weight`, `${fc}.bias`];
    expect(from(opened)).toEqual(conv === 'conv' ? [] : all);
    expect(opened.unused).toEqual([]);
    expect(opened.network).toEqual(notebookNetwork({ filters: 1, kernelSize: 11 }));
  });

  it.each([
    ['float16.pt', 4],
    ['bfloat16.pt', 2],
  ])('%s gives the parameters in float32', (name, digits) => {
    const { parameters } = open(weightFile(name));
    for (const [key, [first]] of Object.entries(expected))
      expect(parameters[key][0]).toBeCloseTo(first, digits);
  });

  it('opens an archive of unnamed arrays by their shapes', () => {
    expect(from(open(weightFile('unnamed.npz')))).toEqual(['arr_0', 'arr_1', 'arr_2', 'arr_3']);
  });

  it('opens the notebook’s mnist_cnn.pt as the golden network', () => {
    const { parameters, network } = open(mnistCnn(), notebookNetwork({ filters: 4 }));
    expect(network).toEqual(notebookNetwork());
    const golden = goldenModel('model_trained');
    for (const [name, values] of Object.entries(golden)) {
      expect(Buffer.from(parameters[name].buffer).equals(Buffer.from(values.buffer)), name).toBe(true);
    }
  });

  it.each([
    ['command.pt', /asks Python to run os\.system.*Nothing was executed/],
    ['legacy_command.pt', /asks Python to run os\.system.*Nothing was executed/],
    ['evaluation.pt', /asks Python to run builtins\.eval/],
    ['int64.pt', /integers \(I64\)/],
    ['big_endian.npz', /big-endian numbers \(>f4\)/],
    ['plain_pickle.pkl', /Python pickle .* torch\.save did not write/],
    ['protocol0.pkl', /Python pickle .* torch\.save did not write/],
    ['one.npy', /one NumPy array.*numpy\.savez/],
  ])('%s is refused, saying what the file is', (name, message) => {
    expect(refused(weightFile(name))).toMatch(message);
  });

  it('rejects a truncated file', () => {
    const file = weightFile('legacy_state_dict.pt');
    for (const length of [20, 700, file.length - 1]) {
      expect(refused(file.subarray(0, length))).toMatch(/cut short or damaged/);
    }
    expect(() => open(weightFile('state_dict.pt').subarray(0, 9000))).toThrow('cut short');
  });
});

describe('matching', () => {
  const small = { 'conv.weight': [2, 1, 3, 3], 'conv.bias': [2], 'fc.weight': [10, 1352], 'fc.bias': [10] };

  it('recognizes layers by shape, and biases by their weights’ names', () => {
    const odd = {
      'net.b/w': [10],
      'features.0.kernel': [10, 1, 3, 3],
      'features.0.bias': [10],
      'head.W': [10, 6760],
      'head.b': [10],
    };
    expect(from(open(tensors(odd)))).toEqual(['features.0.kernel', 'features.0.bias', 'head.W', 'head.b']);
  });

  it('prefers the network’s own names, then known names of parts', () => {
    const both = {
      ...small,
      'ema.conv.weight': [2, 1, 3, 3],
      'ema.conv.bias': [2],
      'ema.fc.weight': [10, 1352],
      'ema.fc.bias': [10],
    };
    expect(from(open(tensors(both)))).toEqual([]);
    const parts = Object.fromEntries(
      ['average', 'model'].flatMap((part) =>
        Object.entries(small).map(([name, shape]) => [`${part}.${name}`, shape]),
      ),
    );
    expect(from(open(tensors(parts)))[0]).toBe('model.conv.weight');
    const unknown = Object.fromEntries(
      ['first', 'second'].flatMap((part) =>
        Object.entries(small).map(([name, shape]) => [`${part}.${name}`, shape]),
      ),
    );
    expect(refused(tensors(unknown))).toMatch(
      /found several that fit, such as “first.conv.weight” and “second.conv.weight”/,
    );
  });

  it('rejects ambiguous and incomplete files and other networks, and names the shapes', () => {
    expect(
      refused(
        tensors({
          'a.weight': [2, 1, 3, 3],
          'a.bias': [2],
          'b.weight': [2, 1, 3, 3],
          'b.bias': [2],
          'fc.weight': [10, 1352],
          'fc.bias': [10],
        }),
      ),
    ).toMatch(/several that fit, such as “a.weight” and “b.weight”/);
    const { 'conv.bias': _, ...unbiased } = small;
    // A batch normalization's bias is not the convolution's.
    expect(refused(tensors({ ...unbiased, 'bn.weight': [2], 'bn.bias': [2] }))).toMatch(/another network/);
    expect(refused(tensors({ ...small, 'fc.weight': [10, 100] }))).toMatch(
      /found “conv.weight” \[2, 1, 3, 3\].*“fc.weight” \[10, 100\].*another network/,
    );
    expect(refused(tensors({}))).toMatch(/found no tensor/);
  });

  it('keeps the network’s sizes if they are fixed', () => {
    const file = tensors(small);
    expect(() => openParameters(file, notebookNetwork({ filters: 8 }), { freeSizes: false })).toThrow(
      'Expected “conv.weight” of shape [8, 1, 3, 3], found [2, 1, 3, 3]: the file is of another network.',
    );
    expect(openParameters(file, notebookNetwork({ filters: 2 }), { freeSizes: false }).unused).toEqual([]);
  });

  it('rejects values that are not finite', () => {
    const network = notebookNetwork({ filters: 1 });
    const parameters = initialParameters(network, new Mt19937(1));
    const file = safetensorsFromParameters(network, parameters);
    file.set([0, 0, 0xc0, 0x7f], file.length - 4);
    expect(refused(file)).toMatch(/finite numbers in “fc\.weight”, found NaN/);
  });

  it.each([
    'conv 6 5x5 same, relu, pool 2, conv 16 5x5, relu, pool 2, fc 120, relu, fc 84, relu, fc 10',
    'fc 128, relu, fc 64, relu, fc 10',
  ])('finds the layers of %s under a prefix, in any order, with other sizes', (text) => {
    const network = parseNetwork(text);
    const shapes = parameterShapes(network).reverse();
    const file = tensors(
      Object.fromEntries(shapes.map(({ name, shape }) => [`_orig_mod.module.${name}`, shape])),
    );
    const opened = open(file, network);
    expect(opened.network).toEqual(network);
    expect(Object.keys(opened.parameters)).toEqual(parameterShapes(network).map(({ name }) => name));
    expect(from(opened)[0]).toMatch(/^_orig_mod\.module\./);
  });
});

describe('recognition by bytes', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['HDF5', Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10, 0), /HDF5.*Keras.*torch\.save/],
    ['ONNX', Uint8Array.of(8, 7, 0x12, 7, ...encode('pytorch')), /ONNX/],
    ['a TensorFlow model', Uint8Array.of(8, 1, 0x12, 40), /TensorFlow model/],
    ['TensorFlow Lite', Uint8Array.of(28, 0, 0, 0, ...encode('TFL3')), /TensorFlow Lite/],
    ['TensorFlow.js', encode('{"format": "layers-model", "modelTopology": {}}'), /TensorFlow\.js/],
    [
      'a Keras archive',
      writeZip(
        new Map([
          ['config.json', encode('{}')],
          ['model.weights.h5', encode('x')],
        ]),
      ),
      /Keras/,
    ],
    ['a notebook', encode('{\n "cells": []}'), /Jupyter notebook.*mnist_cnn\.pt/],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8), /packed with gzip. Unpack/],
    [
      'an archive of other files',
      writeZip(
        new Map([
          ['a.txt', encode('x')],
          ['b.txt', encode('y')],
        ]),
      ),
      /holds a\.txt, b\.txt/,
    ],
    ['a text', encode('no tensors here at all'), /no run and holds no parameters.*\.pt and \.pth/],
    ['nothing', new Uint8Array(0), /no run and holds no parameters/],
  ])('%s is named', (_, file, message) => {
    expect(refused(file)).toMatch(message);
  });
});

describe('archives that were unzipped and zipped again', () => {
  const run = writeRunFile(exampleRun());
  const files = readZip(run);
  const opens = (archive: Uint8Array) => {
    const opened = openFile(archive, notebookNetwork());
    expect(opened.kind).toBe('run');
    if (opened.kind === 'run') expect(opened.run.losses).toEqual(exampleRun().losses);
  };
  const inFolder = (folder: string) =>
    [...files].map(([name, bytes]): [string, Uint8Array] => [folder + name, bytes]);

  it('open as the original run: in a folder, deflated, with the system’s extra files', () => {
    opens(run);
    opens(writeZip(new Map(inFolder('my run/'))));
    opens(writeZip(new Map(inFolder('a/b/'))));
    opens(
      writeZip(
        new Map([
          ['__MACOSX/my run/._manifest.json', encode('\0\x05\x16\x07')],
          ['.DS_Store', encode('\0\0\0\x01Bud1')],
          ...inFolder('my run/'),
        ]),
      ),
    );
    opens(writeZip(new Map([['run.untangle.zip', run]])));
  });

  it('open zipped parameters, and a PyTorch file that was zipped again', () => {
    const again = new Map(
      [...readZip(weightFile('state_dict.pt'))].map(([name, bytes]) => [`folder/${name}`, bytes]),
    );
    expect(open(writeZip(again)).format).toBe('PyTorch');
    expect(
      open(writeZip(new Map([['small.safetensors', weightFile('cases/plain_OK.safetensors')]]))).format,
    ).toBe('safetensors');
    const arrays = readZip(writeNpz({ 'conv.weight': { data: new Float32Array(9), shape: [1, 1, 3, 3] } }));
    expect(refused(writeZip(new Map([...arrays].map(([name, bytes]) => [`x/${name}`, bytes]))))).toMatch(
      /another network/,
    );
  });

  it('are rejected where parameters are expected', () => {
    expect(refused(run)).toMatch(/a whole run/);
  });
});
