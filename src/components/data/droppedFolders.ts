/** The folders of a drop. Call this during the event; afterward the browser has forgotten them. */
export function foldersOf(transfer: DataTransfer): FileSystemDirectoryEntry[] {
  return [...transfer.items].flatMap((item) => {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry?.() : undefined;
    return entry && isDirectory(entry) ? [entry] : [];
  });
}

export function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
