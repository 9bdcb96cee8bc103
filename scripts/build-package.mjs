/**
 * Builds the package for Node into build/: the command line, its threads, the library's entries and their types. `npm pack`
 * runs it as `prepack`; `npm run build` builds the site instead.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

await import('./build-wasm.mjs');
await build({ configFile: 'vite.package.config.ts', logLevel: 'warn' });
const { status } = spawnSync('npx', ['tsc', '-p', 'tsconfig.package.json'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (status !== 0) throw new Error('build-package: expected the declarations to compile, found errors');
chmodSync('build/untangle.js', 0o755);
