import { sentenceOf } from '../../lab/state/errorText.ts';
import type { Lab } from '../context/LabContext.tsx';
import { formatCount } from '../shared/format.ts';

const RUN_FILE = /\.(zip|safetensors)$/i;

/** Opens a file as the present run or its parameters, and says so in the page. @throws what is wrong with the file. */
export async function openRunFile({ files, actions }: Lab, file: File): Promise<void> {
  const { kind, step } = await files.import(file);
  const message =
    kind === 'run'
      ? `${file.name} is open, at step ${formatCount(step)}. Train goes on from there.`
      : `The parameters of ${file.name} are loaded. Train goes on from them with a fresh optimizer.`;
  actions.report({ place: 'page', kind: 'notice', message });
}

/** A run's file or parameters open wherever they are dropped; everything else is left to the panels. */
export function listenForRuns(lab: Lab): void {
  // Before the panels, which would take it for a picture.
  window.addEventListener(
    'drop',
    (event) => {
      const files = [...(event.dataTransfer?.files ?? [])];
      if (!files.some(({ name }) => RUN_FILE.test(name))) return;
      event.preventDefault();
      event.stopPropagation();
      void openDropped(lab, files);
    },
    { capture: true },
  );
}

async function openDropped(lab: Lab, files: File[]): Promise<void> {
  try {
    if (files.length > 1) throw new Error(`Expected one file at a time, found ${files.length}. Drop one.`);
    await openRunFile(lab, files[0]);
  } catch (error) {
    const message = `${files[0].name} could not be opened. ${sentenceOf(error)}`;
    lab.actions.report({ place: 'page', kind: 'error', message });
  }
}
