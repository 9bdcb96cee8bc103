import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { bytesSource, openArrayFile } from '../../../src/ml/formats/index.ts';
import { singularValues } from '../../../src/ml/spectrum/index.ts';
import { call } from './host.ts';

it('lists its commands, and answers --version', async () => {
  const { code, stdout } = await call(['--help']);
  expect(code).toBe(0);
  for (const { name, summary } of COMMANDS) {
    expect(stdout).toContain(name);
    expect(stdout).toContain(summary);
  }
  expect((await call(['--version'])).stdout).toBe('1.2.3\n');
});

it.each(COMMANDS.map(({ name }) => name))('untangle %s --help names every option', async (name) => {
  const { code, stdout } = await call([name, '--help']);
  expect(code).toBe(0);
  const command = COMMANDS.find((each) => each.name === name);
  for (const option of Object.keys(command?.options ?? {})) expect(stdout).toContain(`--${option}`);
});

it('answers an unknown command, and none, with exit code 2', async () => {
  expect(await call(['geometri'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/geometry.*geometri/),
  });
  expect(await call([])).toMatchObject({ code: 2, stdout: expect.stringContaining('Usage') });
});

it('untangle spectrum gives the library’s singular values', async () => {
  const path = 'tests/fixtures/numpy/acts.npz';
  const { code, stdout } = await call(['spectrum', path, '--json', '--layers', 'second']);
  expect(code).toBe(0);
  const { arrays } = await openArrayFile(bytesSource(new Uint8Array(readFileSync(path)), path));
  const data = await arrays[1].rows(Array.from({ length: 60 }, (_, row) => row));
  if (data instanceof Uint8Array) throw new Error('expected floats');
  const [layer] = JSON.parse(stdout).layers;
  expect(layer).toMatchObject({ layer: 'second', examples: 60, units: 24, status: 'done' });
  expect(layer.singularValues).toEqual([...singularValues({ data, rows: 60, columns: 24 })]);
  const table = await call(['spectrum', path]);
  expect(table.stdout).toMatch(/second +60 +24/);
  expect((await call(['spectrum', path, '--csv'])).stdout.split('\n')).toHaveLength(1 + 20 + 24 + 1);
});
