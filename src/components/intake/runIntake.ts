import { sentenceOf } from '../../lab/state/errorText.ts';
import { remarkOn } from '../../lab/state/openedText.ts';
import type { LabCore } from '../context/LabContext.tsx';
import { formatCount } from '../shared/format.ts';

/**
 * Whether a file's bytes show that it is a run, parameters, or a format often mistaken for parameters, rather than a
 * picture. False for a file that cannot be read.
 */
export async function isRunFile(file: File): Promise<boolean> {
  const { fileKind, HEAD_BYTES } = await import('../../ml/formats/fileKind.ts');
  try {
    return fileKind(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer())) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Opens a file as the present run or its parameters, and says so in the page. @throws an error that says what is wrong with
 * the file.
 */
export async function openRunFile({ files, actions }: LabCore, file: File): Promise<void> {
  const opened = await files.import(file);
  const sentences =
    opened.kind === 'run'
      ? [
          `“${file.name}” is open, at step ${formatCount(opened.step)}.`,
          'Press Train to continue from there.',
        ]
      : [
          `The parameters of “${file.name}” are loaded (${opened.format}).`,
          remarkOn(opened),
          'Press Train to continue from them with a fresh optimizer.',
        ];
  const message = sentences.filter((sentence) => sentence !== undefined).join(' ');
  actions.report({ place: 'page', kind: 'notice', message });
}

/** Opens a dropped or pasted file, and shows any error in the page. */
export async function openDropped(lab: LabCore, file: File): Promise<void> {
  try {
    await openRunFile(lab, file);
  } catch (error) {
    const message = `“${file.name}” could not be opened. ${sentenceOf(error)}`;
    lab.actions.report({ place: 'page', kind: 'error', message });
  }
}
