import { parseIdx } from '../../../src/ml/data/idx.ts';
import { parseSafetensors, writeSafetensors } from '../../../src/ml/formats/safetensors.ts';
import type { Target } from './mutations.ts';

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

const smallSafetensors = () =>
  writeSafetensors({
    metadata: { format: 'pt' },
    tensors: new Map([
      ['conv.bias', { dtype: 'F32', shape: [2], bytes: floats(1, 2) }],
      ['conv.weight', { dtype: 'F32', shape: [2, 1, 2, 2], bytes: floats(1, 2, 3, 4, 5, 6, 7, 8) }],
      ['steps', { dtype: 'I64', shape: [], bytes: new Uint8Array(8) }],
      ['none', { dtype: 'U8', shape: [0, 3], bytes: new Uint8Array(0) }],
    ]),
  });

/** Every reader of files that come from outside. */
export const targets: Target[] = [
  {
    name: 'safetensors',
    samples: () => [smallSafetensors()],
    read: (file) =>
      [...parseSafetensors(file).tensors.values()].reduce((sum, { bytes }) => sum + bytes.length, 0),
    refusal: /^parseSafetensors: expected /,
    maxBytes: (length) => length,
  },
  {
    name: 'IDX',
    samples: () => [
      Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, ...Array(12).keys()),
      Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3, 4),
    ],
    read: (file) => parseIdx(new Uint8Array(file), 'damaged').values.length,
    refusal: /^parseIdx: expected /,
    maxBytes: (length) => length,
  },
];
