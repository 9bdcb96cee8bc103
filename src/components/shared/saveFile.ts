/** Lets the browser save a file. */
export function saveFile(file: File): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  // After a minute the download has started, so the URL can be released.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
