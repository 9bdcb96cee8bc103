import type { StoreApi } from 'zustand/vanilla';
import { isDigitShape } from '../../ml/data/dataset.ts';
import { fitRaster } from '../../ml/imageFiles/resize.ts';
import type { InputShape } from '../../ml/model/network.ts';
import type { Workers } from '../../workers/client.ts';
import { createLatest } from '../ask/latest.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { ImagesState, ReadPicture } from './imagesState.ts';
import { isDigitOrigin, type LabImage, type PictureOrigin } from './labImage.ts';

/** Reads pictures, of which only the latest counts. On failure, the state keeps everything and has the problem. */
export interface PictureReading {
  /** Reads a picture once it is open. */
  open(name: string, open: () => Promise<ReadPicture>): Promise<void>;
  /** Reads the picture in focus again. @returns whether this was the latest request when it finished. */
  again(origin: PictureOrigin, changes: Partial<ImagesState>): Promise<boolean>;
  cancel(): void;
}

interface Parts {
  store: StoreApi<ImagesState>;
  readPicture: Workers['readPicture'];
  newId(): string;
  inputShape(): InputShape;
}

export function createPictureReading({ store, readPicture, newId, inputShape }: Parts): PictureReading {
  const { getState, setState } = store;
  const request = createLatest({
    failed: (error) => setState({ problem: sentenceOf(error), reading: undefined }),
  });

  /** Reads a part of a picture with the settings and shows its digit. */
  async function read(
    { file, raster, crop }: Pick<PictureOrigin, 'file' | 'raster' | 'crop'>,
    changes: Partial<ImagesState>,
    signal: AbortSignal,
  ): Promise<void> {
    const { normalize, invert } = { ...getState(), ...changes };
    // Only a digit has ink to separate from the paper.
    const reading = isDigitShape(inputShape())
      ? await readPicture({ raster, options: { normalize, invert, crop } })
      : undefined;
    signal.throwIfAborted();
    const digit = reading?.chosen ?? 0;
    const origin: PictureOrigin = { kind: 'picture', file, raster, reading, digit, crop };
    setState({
      problem: undefined,
      reading: undefined,
      ...changes,
      focus: pictureImage(newId(), origin, inputShape()),
    });
  }

  return {
    async open(reading, open) {
      setState({ reading, problem: undefined });
      await request.run(async (signal) => {
        const { name, raster, remark } = await open();
        signal.throwIfAborted();
        await read({ file: name, raster }, { remark }, signal);
      });
    },
    again(origin, changes) {
      setState({ reading: origin.file, problem: undefined });
      return request.run((signal) => read(origin, changes, signal));
    },
    cancel: request.cancel,
  };
}

/** The image of a picture's digit, or of the picture's middle for a network that reads other images. */
export function pictureImage(id: string, origin: PictureOrigin, input: InputShape): LabImage {
  const { file, raster, digit } = origin;
  if (!isDigitOrigin(origin) || !isDigitShape(input)) {
    return { id, name: file, pixels: fitRaster(raster, input), origin };
  }
  const { reading } = origin;
  const count = reading.digits.length;
  const name = count > 1 ? `${file}, digit ${digit + 1} of ${count}` : file;
  return { id, name, pixels: reading.digits[digit].pixels, origin };
}
