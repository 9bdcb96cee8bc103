import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A function of a source file, with its number of lines. */
interface SourceFunction {
  /** A callback of the test runner is named by its call and title, such as "test 'adds numbers'". */
  name: string;
  lines: number;
  /** Whether the function only groups tests, such as a callback of `describe` or a suite that engines share. */
  isGroup: boolean;
}

export interface SourceFile {
  /** Path relative to the repository, with slashes. */
  path: string;
  /** Paths of the project's files that this file imports, including types, dynamic imports and workers. */
  imports: string[];
  functions: SourceFunction[];
  text: string;
}

type Node = { type: string; start: number; end: number } & Record<string, unknown>;

/**
 * Reads every source file of the folders, except AssemblyScript, which is a different language.
 * @param folders relative to the repository, whose own files alone are '.'.
 */
export function readSources(...folders: readonly string[]): SourceFile[] {
  const paths = folders
    .flatMap(filesOf)
    .filter((path) => /\.(tsx?|mts|mjs)$/.test(path) && !path.includes('/assembly/'));
  const known = new Set(paths);
  return paths.map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const { specifiers, functions } = parseSource(path, text);
    const imports = specifiers
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => slashes(normalize(join(dirname(path), specifier))))
      .filter((target) => known.has(target));
    return { path, imports: [...new Set(imports)], functions, text };
  });
}

/** A file's imports, as written, and its functions. */
export function parseSource(path: string, text: string) {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0)
    throw new Error(`parseSource: expected valid TypeScript in ${path}: ${errors[0].message}`);
  const specifiers: string[] = [];
  const functions: SourceFunction[] = [];

  function visit(value: unknown, name: string, around?: SourceFunction): void {
    if (Array.isArray(value)) for (const item of value) visit(item, name, around);
    if (!isNode(value)) return;
    const specifier = specifierOf(value);
    if (specifier !== undefined) specifiers.push(specifier);
    const title = testTitle(value, text);
    if (title !== undefined && around) around.isGroup = true;
    let within = around;
    if (isFunction(value)) {
      const lines = textAt(value, text).split('\n').length;
      within = { name: nameOf(value) ?? name, lines, isGroup: false };
      functions.push(within);
    }
    const inner = title ?? nameOf(value) ?? name;
    for (const child of Object.values(value)) visit(child, inner, within);
  }

  visit(program, '(top level)');
  return { specifiers, functions };
}

function filesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return folder === '.' ? [] : filesOf(path);
  });
}

/** The module that a node refers to: an import, a re-export, `import()`, a type's `import('…')`, or a worker's URL. */
function specifierOf(node: Node): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return textOf(node.source);
    case 'NewExpression':
      return isNode(node.callee) && node.callee.name === 'URL' && Array.isArray(node.arguments)
        ? textOf(node.arguments[0])
        : undefined;
    default:
      return undefined;
  }
}

function textOf(node: unknown): string | undefined {
  return isNode(node) && typeof node.value === 'string' ? node.value : undefined;
}

function isFunction({ type, body }: Node): boolean {
  return /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(type) && isNode(body);
}

/** The name that a declaration, a property or a variable gives. */
function nameOf({ id, key }: Node): string | undefined {
  for (const named of [id, key]) {
    if (isNode(named) && typeof named.name === 'string') return named.name;
  }
  return undefined;
}

/** A test runner's call and its title, as written: `test('adds', () => {})`, `describe.each(cases)('of %s', () => {})`. */
function testTitle({ type, callee, arguments: given }: Node, text: string): string | undefined {
  if (type !== 'CallExpression' || !isNode(callee) || !Array.isArray(given)) return undefined;
  const called = /^(test|whole|it|describe|beforeAll|beforeEach)($|\.(each|skipIf|describe)\b)/.exec(
    textAt(callee, text),
  );
  if (!called || !given.some((each) => isNode(each) && isFunction(each))) return undefined;
  const [title] = given;
  return isFunction(title) ? called[1] : `${called[1]} ${textAt(title, text)}`;
}

function textAt({ start, end }: Node, text: string): string {
  return text.slice(start, end);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function slashes(path: string): string {
  return relative('', path).replaceAll('\\', '/');
}
