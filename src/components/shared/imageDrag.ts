import { type DragEvent, useRef, useState } from 'react';
import { imageFromText, imageToText } from '../../lab/images/imageText.ts';
import type { LabImage } from '../../lab/images/labImage.ts';
import type { LabCore } from '../context/LabContext.tsx';

/** The drag type of an image of this page; its data comes from `imageToText`. */
const imageType = 'application/x-untangle-image';

export function putImage(transfer: DataTransfer, image: LabImage): void {
  transfer.effectAllowed = 'copy';
  transfer.setData(imageType, imageToText(image));
  transfer.setData('text/plain', image.name);
}

export function carriesImage(transfer: DataTransfer): boolean {
  return transfer.types.includes(imageType);
}

/** The image of this page in a drop, if any. */
export function takeImage(transfer: DataTransfer, lab: LabCore): LabImage | undefined {
  const text = transfer.getData(imageType);
  return text === '' ? undefined : imageFromText(text, lab.store.getState().data);
}

/** Handlers for an element that accepts drops, and whether a drag is over it. */
export function useDropTarget(
  accepts: (transfer: DataTransfer) => boolean,
  onDrop: (transfer: DataTransfer) => void,
) {
  const [over, setOver] = useState(false);
  // The browser fires dragenter on a child before dragleave on its parent, so count both.
  const depth = useRef(0);
  const change = (by: number) => {
    depth.current += by;
    setOver(depth.current > 0);
  };
  return {
    over,
    handlers: {
      onDragEnter: (event: DragEvent) => accepts(event.dataTransfer) && change(1),
      onDragLeave: (event: DragEvent) => accepts(event.dataTransfer) && change(-1),
      onDragOver: (event: DragEvent) => {
        if (!accepts(event.dataTransfer)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
      },
      onDrop: (event: DragEvent) => {
        change(-depth.current);
        if (!accepts(event.dataTransfer)) return;
        event.preventDefault();
        onDrop(event.dataTransfer);
      },
    },
  };
}
