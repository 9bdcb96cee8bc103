import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const read = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');
const { version, engines }: { version: string; engines: { node: string } } = JSON.parse(read('package.json'));

test('the citation and the changelog name the version of package.json', () => {
  expect(/^version: (.+)$/m.exec(read('CITATION.cff'))?.[1]).toBe(version);
  expect(/^## (\d.*)$/m.exec(read('CHANGELOG.md'))?.[1]).toBe(version);
});

test.each(['README.md', 'docs/commandLine.md'])('%s names the oldest Node of package.json', (path) => {
  expect(/Node (\d+\.\d+) or newer/.exec(read(path))?.[1]).toBe(engines.node.replace('>=', ''));
});
