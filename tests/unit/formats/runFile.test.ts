import { describe, expect, it } from 'vitest';
import type { RunContent } from '../../../src/ml/formats/runContent.ts';
import { readRunFile, writeRunFile } from '../../../src/ml/formats/runFile.ts';
import { readZip, writeZip } from '../../../src/ml/formats/zip.ts';
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
  it('gives back the run, every bit of it', () => {
    const run = exampleRun();
    expect(readRunFile(writeRunFile(run))).toEqual(run);
    expect(writeRunFile(readRunFile(writeRunFile(run)))).toEqual(writeRunFile(run));
  });

  it('may hold a run that has not begun', () => {
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

  it('passes over files of later versions', () => {
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
    ['a later version', (run) => withManifest(run, { version: 2 }), 'reload the page'],
    [
      'an unknown layer',
      (run) => withManifest(run, { network: { ...run.network, layers: [{ kind: 'pool' }] } }),
      'layers[0].kind: expected one of conv',
    ],
    [
      'a network that cannot be',
      (run) =>
        withManifest(run, { network: { ...run.network, input: { channels: 1, height: 2, width: 2 } } }),
      'layerShapes: conv expected an image',
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

  it('is not written with names that could be tricks', () => {
    const run = exampleRun();
    const attachments = new Map([['figures/../x.png', text('')]]);
    expect(() => writeRunFile({ ...run, attachments })).toThrow('writeRunFile: expected a path');
    expect(() => writeRunFile({ ...run, results: { 'a/b': 1 } })).toThrow('writeRunFile: expected a path');
  });
});
