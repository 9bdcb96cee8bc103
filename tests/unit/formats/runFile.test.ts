import { describe, expect, it } from 'vitest';
import type { RunContent } from '../../../src/ml/formats/runContent.ts';
import { readRunFile, writeRunFile } from '../../../src/ml/formats/runFile.ts';
import { readZip, writeZip } from '../../../src/ml/formats/zip.ts';
import { initialParameters } from '../../../src/ml/model/initialize.ts';
import { networkText, parseNetworkText } from '../../../src/ml/model/text.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';
import { exampleRun } from './exampleRun.ts';

const text = (content: string) => new TextEncoder().encode(content);

/** The run's archive with some files replaced; `undefined` leaves one out. */
const altered = (run: RunContent, changes: Record<string, Uint8Array | undefined>) => {
  const files = readZip(writeRunFile(run));
  for (const [name, bytes] of Object.entries(changes)) {
    if (bytes) files.set(name, bytes);
    else files.delete(name);
  }
  return writeZip(files);
};
const manifestOf = (run: RunContent) =>
  JSON.parse(new TextDecoder().decode(readZip(writeRunFile(run)).get('manifest.json')));
const withManifest = (run: RunContent, changes: object) =>
  altered(run, { 'manifest.json': text(JSON.stringify({ ...manifestOf(run), ...changes })) });

describe('a run’s file', () => {
  it('returns the run bit by bit', () => {
    const run = exampleRun();
    expect(readRunFile(writeRunFile(run))).toEqual(run);
    expect(writeRunFile(readRunFile(writeRunFile(run)))).toEqual(writeRunFile(run));
  });

  it('stores a deeper network and SGD, with a version that older pages reject', () => {
    const run = exampleRun();
    expect(manifestOf(run).version).toBe(1);
    const network = parseNetworkText('conv 2 3x3 same, relu, pool 2, dropout 0.25, fc 3', {
      input: { channels: 3, height: 8, width: 9 },
    });
    const parameters = (seed: number) => initialParameters(network, new Mt19937(seed));
    const optimizer = { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } as const;
    if (!run.checkpoint) throw new Error('expected a checkpoint');
    const deeper: RunContent = {
      ...run,
      network,
      log: [
        {
          step: 0,
          kind: 'reset',
          seed: 1,
          filters: 2,
          kernelSize: 3,
          network: networkText(network),
          optimizer,
        },
      ],
      snapshots: [{ step: 2, epoch: 1, epochEnd: true, parameters: parameters(2) }],
      checkpoint: {
        position: run.checkpoint.position,
        state: {
          parameters: parameters(3),
          optimizer: { kind: 'sgd', step: 3, slots: { momentum_buffer: parameters(4) } },
        },
      },
    };
    expect(readRunFile(writeRunFile(deeper))).toEqual(deeper);
    expect(manifestOf(deeper).version).toBe(2);
    const { state, position } = deeper.checkpoint ?? run.checkpoint;
    const without = { ...state, optimizer: { kind: 'sgd', step: 3, slots: {} } } as const;
    const plain = { ...deeper, checkpoint: { position, state: without } };
    expect(readRunFile(writeRunFile(plain))).toEqual(plain);
  });

  it('can hold a run that has not begun', () => {
    const run: RunContent = {
      ...exampleRun(),
      log: [],
      losses: new Float32Array(0),
      accuracies: new Float32Array(0),
      epochs: [],
      snapshots: [],
      bestStep: undefined,
      checkpoint: undefined,
      results: {},
      attachments: new Map(),
    };
    expect(readRunFile(writeRunFile(run))).toEqual(run);
  });

  it('keeps every float32 of the curves through their text', () => {
    const bits = Uint32Array.from({ length: 5000 }, (_, i) => Math.imul(i + 1, 2654435761) & 0x7f7fffff);
    const losses = new Float32Array(bits.buffer);
    losses[17] = Number.NaN;
    const read = readRunFile(writeRunFile({ ...exampleRun(), losses, accuracies: losses }));
    expect(Buffer.from(read.losses.buffer).equals(Buffer.from(losses.buffer))).toBe(true);
  });

  it('ignores files of later versions', () => {
    const run = exampleRun();
    expect(readRunFile(altered(run, { 'later/more.bin': text('?') }))).toEqual(run);
  });

  it.each<[string, (run: RunContent) => Uint8Array, string]>([
    ['another archive', () => writeZip(new Map([['a', text('')]])), 'expected manifest.json in the archive'],
    [
      'broken JSON',
      (run) => altered(run, { 'manifest.json': text('{') }),
      'expected JSON, found something else',
    ],
    [
      'another format',
      (run) => withManifest(run, { format: 'x' }),
      'format: expected one of untangle-run, found "x"',
    ],
    ['a later version', (run) => withManifest(run, { version: 3 }), 'reload the page'],
    [
      'an unknown layer',
      (run) => withManifest(run, { network: { ...run.network, layers: [{ kind: 'pool' }] } }),
      'layers[0].kind: expected one of conv',
    ],
    [
      'a network that cannot be',
      (run) =>
        withManifest(run, { network: { ...run.network, input: { channels: 1, height: 2, width: 2 } } }),
      'expected an image',
    ],
    [
      'an unknown log entry',
      (run) => withManifest(run, { log: [{ step: 0, kind: 'magic' }] }),
      'log[0].kind',
    ],
    [
      'a text for a number',
      (run) => withManifest(run, { epochs: [{ epoch: '1' }] }),
      'epochs[0].epoch: expected a whole number',
    ],
    [
      'a best step that is not there',
      (run) => withManifest(run, { bestStep: 1 }),
      'a snapshot of the best step, 1',
    ],
    [
      'snapshots out of order',
      (run) => withManifest(run, { snapshots: manifestOf(run).snapshots.toReversed() }),
      'in the order of their steps',
    ],
    [
      'a missing snapshot',
      (run) => altered(run, { 'snapshots/000002.safetensors': undefined }),
      'expected snapshots/000002.safetensors',
    ],
    [
      'a missing checkpoint',
      (run) => altered(run, { 'checkpoint.safetensors': undefined }),
      'expected checkpoint.safetensors',
    ],
    ['another table', (run) => altered(run, { 'steps.csv': text('a,b') }), 'the columns step,loss,accuracy'],
    [
      'a gap in the table',
      (run) => altered(run, { 'steps.csv': text('step,loss,accuracy\n1,2,3\n') }),
      'expected step 0',
    ],
  ])('is refused with %s', (_, make, message) => {
    expect(() => readRunFile(make(exampleRun()))).toThrow(message);
  });

  it('is not written with unsafe names', () => {
    const run = exampleRun();
    const attachments = new Map([['figures/../x.png', text('')]]);
    expect(() => writeRunFile({ ...run, attachments })).toThrow('expected a path');
    expect(() => writeRunFile({ ...run, results: { 'a/b': 1 } })).toThrow('expected a path');
  });
});
