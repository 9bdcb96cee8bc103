import { basename } from 'node:path';
import type { Rolldown } from 'vite';

/**
 * How a worker's build is split: one chunk for everything that the entry imports, so that the entry holds a single import
 * and nothing that another chunk needs. WebKit evaluates an entry again when a chunk imports it, and the worker then
 * answers every call twice.
 */
export const WORKER_CHUNKS: Rolldown.CodeSplittingOptions = {
  groups: [
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
