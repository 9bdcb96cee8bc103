import { MOST_CHARACTERS, readHash } from '../../../src/lab/share/hash.ts';
import { checkSettings, defaultSettings } from '../../../src/lab/state/settings.ts';
import { parseIdx } from '../../../src/ml/data/idx.ts';
import { readNpy, readNpz, writeNpy, writeNpz } from '../../../src/ml/formats/npz.ts';
import { openParameters } from '../../../src/ml/formats/open/openFile.ts';
import { unpickle } from '../../../src/ml/formats/pickle/unpickle.ts';
import { findTensors } from '../../../src/ml/formats/pytorch/findTensors.ts';
import { callGlobal, loadPersistent } from '../../../src/ml/formats/pytorch/globals.ts';
import { readRunFile, writeRunFile } from '../../../src/ml/formats/runFile.ts';
import {
  parseSafetensors,
  safetensorsFromParameters,
  writeSafetensors,
} from '../../../src/ml/formats/safetensors.ts';
import { readZip, writeZip } from '../../../src/ml/formats/zip.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import { weightFile } from '../../fixtures/weights.ts';
import { exampleRun } from './exampleRun.ts';
import type { Target } from './mutations.ts';

const LIMITS = { maxBytes: 2 ** 20 };
/** Maximum network size from a damaged file: two layers of 64 MiB. */
const MAX_NETWORK = 2 ** 27 + 2 ** 20;

const text = (content: string) => new TextEncoder().encode(content);
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

/** Every reader of untrusted files. */
export const targets: Target[] = [
  {
    name: 'safetensors',
    samples: () => [smallSafetensors()],
    read: (file) =>
      [...parseSafetensors(file).tensors.values()].reduce((sum, { bytes }) => sum + bytes.length, 0),
    refusal: /^expected /,
    maxBytes: (length) => length,
  },
  {
    name: 'IDX',
    samples: () => [
      Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, ...Array(12).keys()),
      Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3, 4),
    ],
    read: (file) => parseIdx(new Uint8Array(file), 'damaged').values.length,
    refusal: /^expected /,
    maxBytes: (length) => length,
  },
  {
    name: 'NPY',
    samples: () => [writeNpy({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] })],
    read: (file) => readNpy(file).data.byteLength,
    refusal: /^expected /,
    maxBytes: (length) => length,
  },
  {
    name: 'NPZ',
    samples: () => [
      writeNpz({
        a: { data: new Float64Array(500), shape: [5, 100] },
        b: { data: Int32Array.of(1, 2), shape: [2] },
      }),
    ],
    read: (file) => [...readNpz(file, LIMITS).values()].reduce((sum, { data }) => sum + data.byteLength, 0),
    refusal: /^expected /,
    maxBytes: () => LIMITS.maxBytes,
  },
  {
    name: 'ZIP',
    samples: () => [
      writeZip(
        new Map([
          ['a/b.txt', text('Hello, hello, hello. '.repeat(20))],
          ['c.bin', Uint8Array.of(0, 1, 2, 3)],
          ['empty', text('')],
        ]),
        { stored: (name) => name === 'c.bin' },
      ),
    ],
    read: (file) => [...readZip(file, LIMITS).values()].reduce((sum, { length }) => sum + length, 0),
    refusal: /^expected /,
    maxBytes: () => LIMITS.maxBytes,
  },
  {
    name: 'hash',
    samples: () => [
      text('#v=1&seed=7&lr=1e-3%20*%200.9%5Eepoch&attack=linf:0.1:7:0.025:r:0&batch=32&filters=16'),
      text('#v=1&seed=111&panel=geometry&layer=fc&image=test:7&at=best&speed=20&hide=settings,adversarial'),
    ],
    read: (file) => {
      // As an address encodes it: one character per byte.
      const read = readHash(String.fromCharCode(...file));
      const problem = read?.problems[0];
      if (problem) throw new Error(problem);
      checkSettings({ ...defaultSettings(), ...read?.configuration.settings });
      return JSON.stringify(read ?? {}).length;
    },
    refusal: /^(The|In the) link/,
    maxBytes: () => 3 * MOST_CHARACTERS,
  },
  ...runFileTargets(),
  ...weightTargets(),
];

/** Files of parameters from PyTorch, NumPy and others. */
function weightTargets(): Target[] {
  const network = notebookNetwork();
  const read = (file: Uint8Array) =>
    Object.values(openParameters(file, network, { limits: LIMITS }).parameters).reduce(
      (sum, { byteLength }) => sum + byteLength,
      0,
    );
  // The message is a sentence, not a message of the JavaScript engine.
  const refusal = /^(Expected|This|The) |(^|: )expected /;
  // Values of an expanded tensor may share bytes.
  const maxBytes = () => MAX_NETWORK;
  const archived = readZip(weightFile('checkpoint.pt'));
  const [pickle] = [...archived].find(([name]) => name.endsWith('/data.pkl')) ?? [''];
  return [
    {
      name: 'PyTorch before 1.6',
      samples: () => ['legacy_state_dict.pt', 'legacy_module.pt', 'legacy_command.pt'].map(weightFile),
      read,
      refusal,
      maxBytes,
    },
    {
      name: 'PyTorch’s pickle in its archive',
      slow: true,
      // Checksums would detect any damage, so recompute them to test the readers of the contents.
      samples: () => [archived.get(pickle) ?? new Uint8Array(0)],
      read: (file) => read(writeZip(new Map(archived).set(pickle, file), { stored: () => true })),
      refusal,
      maxBytes,
    },
    {
      name: 'pickle',
      samples: () => [
        archived.get(pickle) ?? new Uint8Array(0),
        weightFile('plain_pickle.pkl'),
        weightFile('protocol0.pkl'),
      ],
      read: (file) => findTensors(unpickle(file, { call: callGlobal, load: loadPersistent }).value).length,
      refusal,
      maxBytes: (length) => length,
    },
    {
      name: 'NumPy’s archive of parameters',
      samples: () => [weightFile('fortran.npz')],
      read,
      refusal,
      maxBytes,
    },
    {
      name: 'any file by its bytes',
      samples: () => [
        safetensorsFromParameters(
          notebookNetwork({ filters: 1, kernelSize: 11 }),
          openParameters(weightFile('state_dict.pt'), network).parameters,
        ),
        weightFile('state_dict.pt'),
        weightFile('cases/lfs.safetensors'),
      ],
      read,
      refusal,
      maxBytes,
    },
  ];
}

/** Repairs an archive's checksums, so that the damage reaches the readers of the contents. */
function runFileTargets(): Target[] {
  const files = readZip(writeRunFile(exampleRun()));
  return ['manifest.json', 'steps.csv', 'checkpoint.safetensors', 'results/geometry.json'].map((path) => ({
    name: `run file's ${path}`,
    slow: true,
    samples: () => [files.get(path) ?? new Uint8Array(0)],
    read: (file) => {
      const { losses, snapshots } = readRunFile(
        writeZip(new Map(files).set(path, file), { stored: () => true }),
        LIMITS,
      );
      return losses.byteLength + snapshots.length;
    },
    refusal: /(^|: )expected /,
    maxBytes: () => LIMITS.maxBytes,
  }));
}
