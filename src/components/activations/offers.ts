import type { LabImage } from '../../lab/images/labImage.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import { READABLE } from '../../ml/pictures/readable.ts';
import type { LabCore } from '../context/LabContext.tsx';
import { foldersOf } from '../data/droppedFolders.ts';
import { isRunFile, openDropped } from '../intake/runIntake.ts';
import { carriesImage, takeImage } from '../shared/imageDrag.ts';

/** The contents of a drop or a paste, which can only be read during its event. */
type Offer =
  | { kind: 'image'; image: LabImage }
  | { kind: 'files'; files: File[]; folders: FileSystemDirectoryEntry[] }
  | { kind: 'address'; address: string }
  | { kind: 'text' }
  | { kind: 'nothing' };

/** @throws when an image dragged from an Untangle page cannot be read. */
function offerOf(transfer: DataTransfer, lab: LabCore): Offer {
  if (carriesImage(transfer)) {
    const image = takeImage(transfer, lab);
    if (image) return { kind: 'image', image };
  }
  if (transfer.files.length > 0) {
    return { kind: 'files', files: [...transfer.files], folders: foldersOf(transfer) };
  }
  const address = pictureAddress(transfer.getData('text/html')) ?? transfer.getData('text/uri-list');
  const first = address.split(/\r?\n/).find((line) => line !== '' && !line.startsWith('#')) ?? '';
  const text = transfer.getData('text/plain');
  for (const candidate of [first, text.trim()]) {
    if (/^(https?|blob):\S+$|^data:image\//i.test(candidate)) return { kind: 'address', address: candidate };
  }
  return { kind: text === '' ? 'nothing' : 'text' };
}

/** The address of the first picture in a fragment of HTML. */
function pictureAddress(html: string): string | undefined {
  if (html === '') return undefined;
  return (
    new DOMParser().parseFromString(html, 'text/html').querySelector('img[src]')?.getAttribute('src') ??
    undefined
  );
}

/**
 * Opens the offer, or says why it cannot be opened. `way` is how the offer arrived: "drop" or "paste".
 * @returns whether the offer was a run file or parameters rather than a picture.
 */
async function openOffer(lab: LabCore, offer: Offer, way: 'drop' | 'paste'): Promise<{ isRun: boolean }> {
  const { images } = await lab.whole();
  switch (offer.kind) {
    case 'image':
      images.open(offer.image);
      break;
    case 'files': {
      const { files } = offer;
      const { openAsData } = await import('../data/dataIntake.ts');
      if (await openAsData(lab, offer)) return { isRun: true };
      if (files.length > 1) {
        images.report(
          `Found ${files.length} files, expected one at a time. ${verb[way]} one file; pin its image to compare it with the next.`,
        );
        break;
      }
      if (await isRunFile(files[0])) {
        await openDropped(lab, files[0]);
        return { isRun: true };
      }
      await images.openPicture(files[0].name || 'the picture', async () =>
        (await pictures()).readPicture(files[0], images.decode),
      );
      break;
    }
    case 'address':
      await images.openPicture('the picture', async () =>
        (await pictures()).fetchPicture(offer.address, images.decode),
      );
      break;
    case 'text':
      images.report(`Found text, not a picture. ${verb[way]} a picture: ${READABLE}.`);
      break;
    case 'nothing':
      images.report(`Found nothing to open. ${verb[way]} a picture: ${READABLE}.`);
      break;
    default:
      offer satisfies never;
  }
  return { isRun: false };
}

/** Loads the picture reader with the first picture, because the first paint does not need it. */
function pictures() {
  return import('./readPicture.ts');
}

const verb = { drop: 'Drop', paste: 'Copy and paste' } as const;

/**
 * Reads the transfer at once, opens it, and shows any problem in the panel that received it.
 * @returns whether the offer was a run file or parameters rather than a picture.
 */
export async function receive(
  lab: LabCore,
  transfer: DataTransfer,
  way: 'drop' | 'paste',
): Promise<{ isRun: boolean }> {
  try {
    return await openOffer(lab, offerOf(transfer, lab), way);
  } catch (error) {
    (await lab.whole()).images.report(sentenceOf(error));
    return { isRun: false };
  }
}
