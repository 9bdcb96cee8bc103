import { basename } from 'node:path';
import type { Rolldown } from 'vite';

/**
 * Splits a worker's build: all of the entry's imports go into one chunk, so that the entry contains a single import
 * and nothing that another chunk needs. WebKit evaluates an entry again when a chunk imports it, and the worker would
 * then answer every call twice.
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
