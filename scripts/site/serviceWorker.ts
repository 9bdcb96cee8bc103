import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import { ISOLATION } from './isolation.mjs';

const SOURCE = fileURLToPath(new URL('../../src/serviceWorker/serviceWorker.ts', import.meta.url));
const OUTPUT = 'serviceWorker.js';

/** Writes the service worker into the finished build, with the list of the build's files and their hashes. */
export function serviceWorker(): Plugin {
  let folder = '';
  return {
    name: 'service-worker',
    apply: 'build',
    configResolved({ root, build: { outDir } }) {
      folder = resolve(root, outDir);
    },
    async writeBundle() {
      await build({
        configFile: false,
        logLevel: 'warn',
        publicDir: false,
        define: { SITE: JSON.stringify({ ...siteIn(folder), headers: ISOLATION }) },
        build: {
          target: 'es2022',
          outDir: folder,
          emptyOutDir: false,
          lib: { entry: SOURCE, formats: ['es'], fileName: () => OUTPUT },
        },
      });
    },
  };
}

/** Every file of the build except the training images, which the data loader stores, with its SHA-256 in base64. */
function siteIn(folder: string): { version: string; files: Record<string, string> } {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => path !== OUTPUT && !path.endsWith('.gz') && !/^(recorded-|fashion-mnist\/)/.test(path))
    .sort();
  const files = Object.fromEntries(
    paths.map((path) => {
      const hash = createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('base64');
      // Servers may redirect index.html to its folder, so list the folder.
      return [path === 'index.html' ? './' : path, hash];
    }),
  );
  const version = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16);
  return { version, files };
}
