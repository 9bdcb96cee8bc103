import { describe, expect, test } from 'vitest';
import { byFile, byFolder, byRoom, findCircles, upwardImports } from './graph.ts';
import { readSources, type SourceFile } from './sources.ts';

/**
 * What counts as an import: every `import` and `export ... from`, type-only ones included, `import()`, a type's `import('...')`,
 * and the address of a worker. No file, folder or room is excepted.
 */
const TREES = ['src', 'scripts', 'tests'];
/** From bottom to top. Configuration files, beside these folders, are above them. */
const everything = readSources(...TREES, '.');
/** Their first-level folders are rooms, taken as a whole. */
const WITH_ROOMS = [
  'src/ml',
  'src/workers',
  'src/lab',
  'src/lessons',
  'src/components',
  'src/cli',
  'scripts',
  'tests',
];
/** From bottom to top, as docs/code.md lists them. */
const LAB_ROOMS = [
  'state',
  'ask',
  'images',
  'spectrum',
  'geometry',
  'data',
  'metamers',
  'adversarial',
  'keep',
  'compare',
  'run',
  'share',
  'script',
].map((room) => `src/lab/${room}`);

describe('src, scripts and tests', () => {
  test('have no circle of imports between files', () => {
    expect(findCircles(everything, byFile)).toEqual([]);
  });

  test('have no circle of imports between folders, each nested folder taken alone', () => {
    expect(findCircles(everything, byFolder)).toEqual([]);
  });

  test.each(WITH_ROOMS)('have no circle of imports between the rooms of %s', (storey) => {
    expect(findCircles(everything, byRoom(storey))).toEqual([]);
  });

  test('import nothing upward: src knows neither scripts nor tests, and scripts know no tests', () => {
    expect(upwardImports(everything, TREES)).toEqual([]);
  });

  test('have the rooms of the lab in one order', () => {
    const isInRoom = (path: string) => /^src\/lab\/\w+\//.test(path);
    const rooms = everything
      .filter(({ path }) => isInRoom(path))
      .map((file) => ({ ...file, imports: file.imports.filter(isInRoom) }));
    expect(upwardImports(rooms, LAB_ROOMS)).toEqual([]);
  });

  test('are read completely', () => {
    const count = (tree: string) => everything.filter(({ path }) => path.startsWith(`${tree}/`)).length;
    expect(count('src')).toBeGreaterThan(600);
    expect(count('scripts')).toBeGreaterThan(10);
    expect(count('tests')).toBeGreaterThan(250);
    const [config] = everything.filter(({ path }) => path === 'playwright.config.ts');
    expect(config.imports).toContain('scripts/findChromium.mjs');
  });
});

describe('the checks find', () => {
  const file = (path: string, ...imports: string[]): SourceFile => ({
    path,
    imports,
    functions: [],
    text: '',
  });

  test('a circle of files, including one of two files', () => {
    const files = [file('a/x.ts', 'a/y.ts'), file('a/y.ts', 'a/z.ts'), file('a/z.ts', 'a/y.ts')];
    expect(findCircles(files, byFile)).toEqual([
      'a/y.ts -> a/z.ts -> a/y.ts (a/y.ts -> a/z.ts, a/z.ts -> a/y.ts)',
    ]);
  });

  test('a circle of folders without a circle of files', () => {
    const files = [file('a/x.ts', 'b/x.ts'), file('b/x.ts'), file('b/y.ts', 'a/y.ts'), file('a/y.ts')];
    expect(findCircles(files, byFile)).toEqual([]);
    expect(findCircles(files, byFolder)).toEqual(['a -> b -> a (a/x.ts -> b/x.ts, b/y.ts -> a/y.ts)']);
  });

  test('a circle of rooms without a circle of folders', () => {
    const files = [
      file('s/a/in/x.ts', 's/b/x.ts'),
      file('s/b/x.ts', 's/c.ts'),
      file('s/c.ts', 's/a/y.ts', 'other/z.ts'),
      file('s/a/y.ts'),
      file('other/z.ts', 's/a/y.ts'),
    ];
    expect(findCircles(files, byFolder)).toEqual([]);
    expect(findCircles(files, byRoom('s'))).toEqual([
      's/a -> s/b -> s/c.ts -> s/a (s/a/in/x.ts -> s/b/x.ts, s/b/x.ts -> s/c.ts, s/c.ts -> s/a/y.ts)',
    ]);
  });

  test('an upward import, and one out of the storeys', () => {
    const files = [file('src/ml/x.ts', 'src/lab/y.ts'), file('src/lab/y.ts', 'src/ml/x.ts', 'src/main.tsx')];
    expect(upwardImports(files, ['src/ml', 'src/lab'])).toEqual([
      'src/ml/x.ts -> src/lab/y.ts',
      'src/lab/y.ts -> src/main.tsx',
    ]);
  });
});
