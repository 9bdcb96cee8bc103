import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseSeeds } from '../../../src/cli/train/seeds.ts';
import { readRunFile } from '../../../src/ml/formats/index.ts';
import { call } from './host.ts';

const folder = mkdtempSync(join(tmpdir(), 'untangle-train-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TRAIN = ['train', '--data', 'public/mnist', '--network', 'conv 2 3x3, relu, fc 10', '--workers', '1'];
const runOf = (out: string, seed: number) =>
  readRunFile(new Uint8Array(readFileSync(join(out, `network-seed${seed}.untangle.zip`))));

describe('seeds', () => {
  it('are numbers, ranges and lists of both', () => {
    expect(parseSeeds('7')).toEqual([7]);
    expect(parseSeeds('1..3, 9,2')).toEqual([1, 2, 3, 9]);
  });

  it.each(['', '-1', '1.5', '3..1', '1...3', 'a', '1,', '4294967296', '0..20000'])('are not %j', (text) => {
    expect(() => parseSeeds(text)).toThrow(/--seed/);
  });
});

describe('untangle train', () => {
  it('writes a run file for each seed, and replaces none unasked', async () => {
    const out = join(folder, 'two');
    const args = [...TRAIN, '--seed', '1..2', '--steps', '3', '--out', out];
    const { code, stdout } = await call(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^seed +steps.*\n1 +3 +0 .*network-seed1\.untangle\.zip\n2 +3 /);
    const [one, two] = [runOf(out, 1), runOf(out, 2)];
    expect(one.losses).toHaveLength(3);
    expect(one.losses).not.toEqual(two.losses);
    expect(one).toMatchObject({ dataSet: 'MNIST', settings: { seed: 1, network: 'notebook', filters: 2 } });

    const again = await call(args);
    expect(again).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/earlier run.*--overwrite/),
    });
    expect((await call([...args, '--overwrite'])).code).toBe(0);
    expect(runOf(out, 1).losses).toEqual(one.losses);
  });

  it('writes the run so far at Ctrl-C, and begins no further seed', async () => {
    const out = join(folder, 'interrupted');
    const interruption = new AbortController();
    const { code } = await call([...TRAIN, '--seed', '1..2', '--epochs', '50', '--out', out], {
      isTerminal: true,
      signal: interruption.signal,
      onLine(text) {
        if (text.includes('loss')) interruption.abort();
      },
    });
    expect(code).toBe(130);
    expect(readdirSync(out)).toEqual(['network-seed1.untangle.zip']);
    const { losses, checkpoint } = runOf(out, 1);
    expect(losses.length).toBeGreaterThan(0);
    expect(checkpoint?.position.step).toBe(losses.length);
  });

  it.each([
    ['no data', ['train'], /--data PATH/],
    ['a path without data', ['train', '--data', 'nowhere'], /nowhere: expected a file.*found none/],
    ['a file without images', ['train', '--data', 'package.json'], /package\.json: .*known format/],
    ['a picture', ['train', '--data', 'docs/lab.png'], /lab\.png: expected each picture in the folder/],
    [
      'an unknown network',
      ['train', '--data', 'public/mnist', '--network', 'resnet'],
      /notebook, perceptron, lenet/,
    ],
    ['a layer that does not fit', [...TRAIN, '--network', 'conv 2 99x99, fc 10'], /layer 1/],
    ['a learning rate of letters', [...TRAIN, '--lr', 'fast'], /fast/],
    ['an unknown optimizer', [...TRAIN, '--optimizer', 'lion'], /adam, sgd/],
    ['momentum of Adam', [...TRAIN, '--momentum', '0.9'], /--optimizer sgd/],
    ['a file beside the options', [...TRAIN, 'runs'], /options only/],
  ])('answers %s with one line and exit code 2', async (_, args, message) => {
    const out = join(folder, 'none');
    const { code, stdout, stderr } = await call([...args, '--out', out]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^untangle: [^\n]+\n$/);
    expect(existsSync(out)).toBe(false);
  });
});
