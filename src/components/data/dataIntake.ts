import type { PathFile } from '../../lab/data/ownImages.ts';
import { offeredKind } from '../../ml/data/readers/offered.ts';
import { blobSource } from '../../ml/formats/byteSource.ts';
import type { LabCore } from '../context/LabContext.tsx';
import { isDirectory } from './droppedFolders.ts';

/** Files of a drop, with the folders among them, which can only be read during its event. */
export interface DroppedFiles {
  files: readonly File[];
  folders: readonly FileSystemDirectoryEntry[];
}

/**
 * Opens dropped files if they are images to train on, or activations of another network.
 * @returns whether they were; all else is for the readers of runs and pictures.
 */
export async function openAsData(lab: LabCore, { files, folders }: DroppedFiles): Promise<boolean> {
  const given = await withPaths(files, folders);
  const kind = await offeredKind(given.map(({ path, file }) => ({ path, source: blobSource(file, path) })));
  if (kind === undefined && folders.length === 0) return false;
  if (kind !== 'activations') {
    await lab.ownImages.offer(given);
    return true;
  }
  const { activations } = await lab.whole();
  await activations.offer(given);
  const { problem } = activations.store.getState();
  if (problem) lab.actions.report({ place: 'page', kind: 'error', message: problem });
  document.getElementById('spectrum')?.scrollIntoView({ block: 'start' });
  return true;
}

async function withPaths(
  files: readonly File[],
  folders: readonly FileSystemDirectoryEntry[],
): Promise<PathFile[]> {
  const names = new Set(folders.map(({ name }) => name));
  // A dropped folder is also listed as a file, which cannot be read.
  const plain = files.filter((file) => !(names.has(file.name) && file.type === ''));
  const found: PathFile[] = plain.map((file) => ({ path: file.name, file }));
  for (const folder of folders) await collect(folder, found);
  return found;
}

async function collect(folder: FileSystemDirectoryEntry, into: PathFile[]): Promise<void> {
  const reader = folder.createReader();
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (entries.length === 0) return;
    for (const entry of entries) {
      if (isDirectory(entry)) await collect(entry, into);
      else if (isFile(entry))
        into.push({ path: entry.fullPath.replace(/^\//, ''), file: await fileOf(entry) });
    }
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => {
    entry.file(resolve, reject);
  });
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}
