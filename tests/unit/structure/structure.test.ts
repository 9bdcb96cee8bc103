import { describe, expect, test } from 'vitest';
import { upwardImports } from './graph.ts';
import { LONG_FUNCTIONS, MOST_LINES, USUAL_LINES } from './longFunctions.ts';
import { parseSource, readSources, type SourceFile } from './sources.ts';

/** From bottom to top: each storey imports only from itself and from those below. */
const STOREYS = ['src/ml', 'src/workers', 'src/lab', 'src/lessons', 'src/components'];
/** The command line is a second top storey, beside the lab. */
const TOOL_STOREYS = ['src/ml', 'src/workers', 'src/cli'];

const sources = readSources('src');
const isTool = ({ path }: SourceFile) => path.startsWith('src/cli/');

/** The functions of more than the usual number of lines, by file and name; for groups of tests, of more than the most. */
function longFunctions(files: readonly SourceFile[]): Map<string, number> {
  const long = files.flatMap(({ path, functions }) =>
    functions
      .filter(({ lines, isGroup }) => lines > (isGroup ? MOST_LINES : USUAL_LINES))
      .map(({ name, lines }) => [`${path} ${name}`, lines] as const),
  );
  // Of two functions of the same name, the longer one counts.
  return new Map(long.sort(([, a], [, b]) => a - b));
}

describe('the source', () => {
  test('imports nothing upward', () => {
    const [tool, page] = [sources.filter(isTool), sources.filter((file) => !isTool(file))];
    expect(upwardImports(page, STOREYS)).toEqual([]);
    expect(upwardImports(tool, TOOL_STOREYS)).toEqual([]);
  });

  test(`has no function of more than ${USUAL_LINES} lines, apart from the listed ones`, () => {
    const found = longFunctions(readSources('src', 'scripts', 'tests'));
    const tooLong = [...found].filter(
      ([name, lines]) => lines > (LONG_FUNCTIONS[name]?.lines ?? USUAL_LINES),
    );
    expect(tooLong.map(([name, lines]) => `${name}: ${lines} lines; split it into named functions`)).toEqual(
      [],
    );
    const short = Object.keys(LONG_FUNCTIONS).filter((name) => !found.has(name));
    expect(short.map((name) => `${name}: remove its entry from longFunctions.ts`)).toEqual([]);
    expect(Math.max(...found.values())).toBeLessThanOrEqual(MOST_LINES);
  });

  test('keeps the caller of an error apart from its message', () => {
    // The place within a file (`where`) is part of the message for people.
    const mixed = /new Error\(\s*[`'"]([\w.]+|\$\{(?!where\b)[\w.]+\}): /;
    const found = sources.filter(
      ({ path, text }) => mixed.test(text) && !path.startsWith('src/serviceWorker/'),
    );
    expect(found.map(({ path }) => `${path}: use CallError`)).toEqual([]);
  });

  test('lets no component write a store of the lab: the actions do', () => {
    const writes = /(?<!this\.)\bstore\.setState\(|\.(settings|gallery|actions|lab)\.setState\(/;
    const found = sources.filter(({ path, text }) => path.startsWith('src/components/') && writes.test(text));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  test('is read completely', () => {
    const imports = sources.flatMap((file) => file.imports);
    expect(sources.length).toBeGreaterThan(300);
    const roots = ['src/main.tsx', 'src/cli/main.ts', 'src/cli/thread.ts'];
    for (const { path } of sources.filter(({ path }) => !roots.includes(path) && !path.endsWith('.d.ts'))) {
      // Compiled JSX imports these.
      if (/^src\/(serviceWorker|components\/jsx)\//.test(path)) continue;
      expect(imports, `${path} is imported`).toContain(path);
    }
  });
});

describe('the checks find', () => {
  test('imports of every kind', () => {
    const { specifiers } = parseSource(
      'some.tsx',
      `import a from './a.ts';
       import type { B } from './b.ts';
       import './c.css';
       export { d } from './d.ts';
       export type * from './e.ts';
       export const element = <i title="from './none.ts'" />;
       type F = import('./f.ts').F;
       const load = () => import('./g.ts');
       const worker = () => new Worker(new URL('./h.worker.ts', import.meta.url));`,
    );
    expect(specifiers).toEqual([
      './a.ts',
      './b.ts',
      './c.css',
      './d.ts',
      './e.ts',
      './f.ts',
      './g.ts',
      './h.worker.ts',
    ]);
  });

  test('functions, with their names and their lines', () => {
    const { functions } = parseSource(
      'some.ts',
      `export function outer() {
        const inner = () => {
          return 1;
        };
        return { method() { return inner; } };
      }`,
    );
    expect(functions).toEqual([
      { name: 'outer', lines: 6, isGroup: false },
      { name: 'inner', lines: 3, isGroup: false },
      { name: 'method', lines: 1, isGroup: false },
    ]);
  });

  test('the callbacks of tests by their titles, and groups of tests', () => {
    const { functions } = parseSource(
      'some.test.ts',
      `describe.each([1, 2])('of %i', (n) => {
        test('adds', () => sum(n));
      });
      function suite() {
        it('works', async () => {});
      }`,
    );
    expect(functions).toEqual([
      { name: "describe 'of %i'", lines: 3, isGroup: true },
      { name: "test 'adds'", lines: 1, isGroup: false },
      { name: 'suite', lines: 3, isGroup: true },
      { name: "it 'works'", lines: 1, isGroup: false },
    ]);
  });
});
