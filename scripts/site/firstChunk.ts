import type { Rolldown } from 'vite';

/**
 * Puts all that the page's entry imports into one chunk. By default every module that a later chunk also needs would get
 * a file of its own, and a first visit would wait for two dozen small files.
 */
export const FIRST_CHUNK: Rolldown.CodeSplittingOptions = {
  groups: [
    {
      name: (id, chunking) => (isImportedByEntry(id, chunking, new Set()) ? 'first' : null),
    },
  ],
};

function isImportedByEntry(id: string, chunking: Rolldown.ChunkingContext, seen: Set<string>): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  const info = chunking.getModuleInfo(id);
  if (!info) return false;
  return info.isEntry || info.importers.some((importer) => isImportedByEntry(importer, chunking, seen));
}
