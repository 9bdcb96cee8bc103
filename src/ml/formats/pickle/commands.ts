import { FileError } from '../fileError.ts';
import type { PickleGlobal } from './values.ts';

/** Modules with access to the operating system. Legitimate parameter files never name them. */
const MODULES = new Set([
  'os',
  'subprocess',
  'sys',
  'shutil',
  'socket',
  'runpy',
  'importlib',
  'ctypes',
  'pty',
]);
/** The names of these modules in C and in Python 2. */
const OTHER_NAMES = new Map([
  ['posix', 'os'],
  ['nt', 'os'],
  ['commands', 'subprocess'],
  ['__builtin__', 'builtins'],
  ['copy_reg', 'copyreg'],
  ['numpy._core.multiarray', 'numpy.core.multiarray'],
]);
const BUILTINS = new Set(['eval', 'exec', 'execfile', 'compile', 'open', '__import__', 'getattr', 'input']);

/** The familiar name of a module: pickles write `os.system` as `posix.system`. */
export function knownName({ module, qualifiedName }: PickleGlobal): string {
  return `${OTHER_NAMES.get(module) ?? module}.${qualifiedName}`;
}

/** @throws FileError if the global is a command, even if the file does not call it. */
export function refuseCommand(global: PickleGlobal): void {
  const name = knownName(global);
  const [root, ...rest] = name.split('.');
  if (MODULES.has(root) || (root === 'builtins' && BUILTINS.has(rest.join('.')))) throw refusal(global);
}

export function refusal(global: PickleGlobal): FileError {
  const name = knownName(global).slice(0, 200);
  return new FileError(
    `The file asks Python to run ${name}, which is no part of a file of parameters. Nothing was executed. If you trust the file, load it in Python and save the parameters alone: torch.save(model.state_dict(), "mnist_cnn.pt").`,
  );
}
