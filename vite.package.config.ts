import { defineConfig } from 'vite';
import manifest from './package.json' with { type: 'json' };

/** The command line and the library for Node: everything bundled, so that the package has no dependency. */
export default defineConfig({
  publicDir: false,
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: true,
    outDir: 'build',
    emptyOutDir: true,
    target: manifest.engines.node.replace('>=', 'node'),
    minify: false,
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      input: {
        untangle: 'src/cli/main.ts',
        thread: 'src/cli/thread.ts',
        geometry: 'src/ml/geometry/index.ts',
        spectrum: 'src/ml/spectrum/index.ts',
        formats: 'src/ml/formats/index.ts',
      },
      output: { entryFileNames: '[name].js', chunkFileNames: 'shared/[name]-[hash].js' },
    },
  },
});
