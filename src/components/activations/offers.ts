import type { LabImage } from '../../lab/images/images.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import type { Lab } from '../context/LabContext.tsx';
import { isRunFile, openDropped } from '../intake/runIntake.ts';
import { carriesImage, takeImage } from '../shared/imageDrag.ts';

/** What a drop or a paste holds, read while its event lasts. */
export type Offer =
  | { kind: 'image'; image: LabImage }
  | { kind: 'files'; files: File[] }
  | { kind: 'address'; address: string }
  | { kind: 'text' }
  | { kind: 'nothing' };

/** @throws where an image was dragged from a page of this kind but cannot be read. */
export function offerOf(transfer: DataTransfer, lab: Lab): Offer {
  if (carriesImage(transfer)) {
    const image = takeImage(transfer, lab);
    if (image) return { kind: 'image', image };
  }
  if (transfer.files.length > 0) return { kind: 'files', files: [...transfer.files] };
  const address = pictureAddress(transfer.getData('text/html')) ?? transfer.getData('text/uri-list');
  const first = address.split(/\r?\n/).find((line) => line !== '' && !line.startsWith('#')) ?? '';
  const text = transfer.getData('text/plain');
  for (const candidate of [first, text.trim()]) {
    if (/^(https?|blob):\S+$|^data:image\//i.test(candidate)) return { kind: 'address', address: candidate };
  }
  return { kind: text === '' ? 'nothing' : 'text' };
}

/** The address of the first picture in a piece of a web page. */
function pictureAddress(html: string): string | undefined {
  if (html === '') return undefined;
  return (
    new DOMParser().parseFromString(html, 'text/html').querySelector('img[src]')?.getAttribute('src') ??
    undefined
  );
}

/**
 * Opens what was offered, or says why it cannot. `way` is how it came: "drop" or "paste".
 * @returns whether it was a run's file or parameters, and no picture.
 */
export async function openOffer(lab: Lab, offer: Offer, way: 'drop' | 'paste'): Promise<{ isRun: boolean }> {
  const { images } = lab;
  switch (offer.kind) {
    case 'image':
      images.open(offer.image);
      break;
    case 'files': {
      const { files } = offer;
      if (files.length > 1) {
        images.report(
          `Found ${files.length} files at once, and one is looked into at a time. ${verb[way]} one; pin it to keep it beside the next.`,
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
      images.report(`Found text, not a picture. ${verb[way]} a picture: PNG, JPEG, WebP, GIF or SVG.`);
      break;
    case 'nothing':
      images.report(`Found nothing to open. ${verb[way]} a picture: PNG, JPEG, WebP, GIF or SVG.`);
      break;
    default:
      offer satisfies never;
  }
  return { isRun: false };
}

/** Fetched when the first picture comes: the page's first paint needs none. */
function pictures() {
  return import('./readPicture.ts');
}

const verb = { drop: 'Drop', paste: 'Copy and paste' } as const;

/**
 * Reads the transfer now, opens it, and leaves any problem where the person is looking.
 * @returns whether it was a run's file or parameters, and no picture.
 */
export async function receive(
  lab: Lab,
  transfer: DataTransfer,
  way: 'drop' | 'paste',
): Promise<{ isRun: boolean }> {
  try {
    return await openOffer(lab, offerOf(transfer, lab), way);
  } catch (error) {
    lab.images.report(sentenceOf(error));
    return { isRun: false };
  }
}
