import type { FindFiles, PathFile } from '../../lab/data/ownImages.ts';
import { blobSource } from '../../ml/formats/byteSource.ts';
import { checkFiles } from '../../ml/imageFiles/given.ts';
import { offeredKind } from '../../ml/imageFiles/offered.ts';
import type { LabCore } from '../context/LabContext.tsx';
import { isDirectory } from './droppedFolders.ts';

/** The files and folders of a drop. The browser gives access to folders only during the drop's event. */
export interface DroppedFiles {
  files: readonly File[];
  folders: readonly FileSystemDirectoryEntry[];
}

/**
 * Opens dropped files if they are images to train on, or activations of another network.
 * @returns whether it opened them. Other files go to the readers of runs and pictures.
 */
export async function openAsData(lab: LabCore, { files, folders }: DroppedFiles): Promise<boolean> {
  const given =
    folders.length === 0
      ? plainFiles(files, folders)
      : await lab.ownImages.gather(folders[0].name, (options) => withPaths(files, folders, options));
  if (!given) return true;
  const kind = await offeredKind(given.map(({ path, file }) => ({ path, source: blobSource(file, path) })));
  if (kind === undefined && folders.length === 0) return false;
  if (kind !== 'activations') {
    await lab.ownImages.offer(given);
    return true;
  }
  lab.ownImages.cancel();
  const { activations } = await lab.whole();
  await activations.offer(given);
  const { problem } = activations.store.getState();
  if (problem) lab.actions.report({ place: 'page', kind: 'error', message: problem });
  document.getElementById('spectrum')?.scrollIntoView({ block: 'start' });
  return true;
}

function plainFiles(files: readonly File[], folders: readonly FileSystemDirectoryEntry[]): PathFile[] {
  const names = new Set(folders.map(({ name }) => name));
  // A dropped folder is also listed as a file, which cannot be read.
  const plain = files.filter((file) => !(names.has(file.name) && file.type === ''));
  return plain.map((file) => ({ path: file.name, file }));
}

/** All files of a drop with their paths. The browser lists a folder in batches, between which a person can cancel. */
async function withPaths(
  files: readonly File[],
  folders: readonly FileSystemDirectoryEntry[],
  { signal, onFound }: Parameters<FindFiles>[0],
): Promise<PathFile[]> {
  const found = plainFiles(files, folders);
  const left = [...folders];
  for (let folder = left.pop(); folder; folder = left.pop()) {
    const reader = folder.createReader();
    for (;;) {
      const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => {
        reader.readEntries(resolve, reject);
      });
      signal.throwIfAborted();
      if (entries.length === 0) break;
      left.push(...entries.filter(isDirectory));
      const read = entries.filter(isFile).map(async (entry) => ({
        path: entry.fullPath.replace(/^\//, ''),
        file: await fileOf(entry),
      }));
      found.push(...(await Promise.all(read)));
      signal.throwIfAborted();
      checkFiles(found.length, folders[0].name);
      onFound(found.length);
    }
  }
  return found;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => {
    entry.file(resolve, reject);
  });
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}
