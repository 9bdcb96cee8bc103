import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { readWorksheet, writeWorksheet } from '../../../src/ml/formats/worksheet.ts';
import { call } from './host.ts';

const folder = mkdtempSync(join(tmpdir(), 'worksheet-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sheet = {
  lesson: 'notebook',
  title: 'A network learns',
  saved: '2026-11-30T10:00:00.000Z',
  run: {
    seed: 111,
    settings: 'https://example.org/#v=1&seed=111',
    step: 937,
    testAccuracy: '97.29 %',
    parameters: 'ab'.repeat(32),
  },
  steps: [
    { id: 'start', title: 'Before the first step', done: true, question: 'How many?', answer: 'About 10' },
    { id: 'epoch', title: 'One pass', done: false },
  ],
};

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

it('shows worksheets as a table, as JSON and as CSV', async () => {
  const path = fileOf('ada.json', writeWorksheet(sheet));
  const { code, stdout } = await call(['worksheet', path]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/ada\.json.*A network learns/);
  expect(stdout).toMatch(/Before the first step +yes +About 10/);
  const json = JSON.parse((await call(['worksheet', path, '--json'])).stdout);
  expect(json.worksheets[0]).toMatchObject({ file: path, ...sheet });
  const rows = (await call(['worksheet', path, path, '--csv'])).stdout.trim().split('\n');
  expect(rows).toHaveLength(1 + 2 * 2);
});

it.each([
  ['text', 'no worksheet', /expected JSON/],
  ['another JSON', '{"format":"notes"}', /untangle-worksheet/],
  ['a newer one', writeWorksheet(sheet).replace('"version": 1', '"version": 9'), /newer than this tool/],
])('refuses %s with one line and exit code 2', async (name, content, message) => {
  const { code, stderr } = await call(['worksheet', fileOf(`${name}.json`, content)]);
  expect(code).toBe(2);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(message);
});

it('reads back what it wrote, and no changed text crashes it', () => {
  const written = writeWorksheet(sheet);
  expect(readWorksheet(written, 'x')).toMatchObject(sheet);
  fc.assert(
    fc.property(fc.nat(written.length - 1), fc.string({ maxLength: 3 }), (place, text) => {
      const changed = written.slice(0, place) + text + written.slice(place + 1);
      try {
        readWorksheet(changed, 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
  );
});
