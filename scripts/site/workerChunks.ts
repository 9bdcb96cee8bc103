import { basename } from 'node:path';
import type { Rolldown } from 'vite';

/** TensorFlow.js and the packages that it brings. */
const TENSORFLOW = /node_modules\/(@tensorflow|long|seedrandom|node-fetch|string_decoder|safe-buffer)\//;
const TENSORFLOW_WEBGPU = /node_modules\/@tensorflow\/tfjs-backend-webgpu\//;
/** The bundler's helpers. */
const RUNTIME = /^\0?rolldown\/runtime/;

/**
 * Splits a worker's build: all of the entry's imports go into one chunk, so that the entry contains a single import
 * and nothing that another chunk needs. WebKit evaluates an entry again when a chunk imports it, and the worker would
 * then answer every call twice.
 *
 * TensorFlow.js and the bundler's helpers have chunks of their own, which import nothing of a worker: they are the same
 * in every worker's build, so that the site has one copy.
 */
export const WORKER_CHUNKS: Rolldown.CodeSplittingOptions = {
  groups: [
    { name: 'runtime', test: RUNTIME, priority: 3 },
    { name: 'tensorflowWebgpu', test: TENSORFLOW_WEBGPU, priority: 2 },
    { name: 'tensorflow', test: TENSORFLOW, priority: 1 },
    {
      debugName: 'what a worker starts with',
      name(id, chunking) {
        const importers = chunking.getModuleInfo(id)?.importers ?? [];
        const entry = importers.find((importer) => chunking.getModuleInfo(importer)?.isEntry);
        return entry ? basename(entry).replace(/\..*/, '') : null;
      },
    },
  ],
};
