/** Files that archivers and operating systems add, such as Finder's resource forks. */
const NOISE = /(^|\/)(__MACOSX(\/|$)|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i;

/** Whether a file is of an archiver's or a system's making, or hidden. */
export function isNoise(path: string): boolean {
  return NOISE.test(path) || /(^|\/)\./.test(path);
}

/** The archive's files without those added by archivers. */
export function withoutNoise(files: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  return new Map([...files].filter(([name]) => !NOISE.test(name)));
}

/**
 * Finds the folder with all the named files: an archive that was unzipped and zipped again often has an extra folder.
 * @returns the folder's files by their names within the folder, for the outermost match; undefined if there is none.
 */
export function folderWith(
  files: ReadonlyMap<string, Uint8Array>,
  ...names: readonly string[]
): Map<string, Uint8Array> | undefined {
  const folders = [...files.keys()]
    .filter((name) => name === names[0] || name.endsWith(`/${names[0]}`))
    .map((name) => name.slice(0, name.length - names[0].length))
    .filter((folder) => names.every((name) => files.has(folder + name)))
    .sort((a, b) => a.length - b.length);
  if (folders.length === 0) return undefined;
  const [folder] = folders;
  return new Map(
    [...files]
      .filter(([name]) => name.startsWith(folder))
      .map(([name, bytes]) => [name.slice(folder.length), bytes]),
  );
}
