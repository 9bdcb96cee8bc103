import { createStore, type StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import { isDigitShape, pixelCount, type Split } from '../../ml/data/dataset.ts';
import { fitRaster } from '../../ml/data/readers/resize.ts';
import type { InputShape } from '../../ml/model/network.ts';
import { grayOf, type Raster } from '../../ml/pictures/gray.ts';
import { fitPicture, placeInk } from '../../ml/pictures/normalize.ts';
import type { Box } from '../../ml/pictures/resample.ts';
import { rasterizeStrokes, type Stroke } from '../../ml/pictures/strokes.ts';
import type { Workers } from '../../workers/client.ts';
import { eachData } from '../ask/eachData.ts';
import { createLatest } from '../ask/latest.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabState } from '../state/state.ts';
import { dataSetImage } from './dataSetImage.ts';
import { type ImageOrigin, isDigitOrigin, type LabImage, type PictureOrigin } from './labImage.ts';

export interface ImagesState {
  /** The image in focus. */
  focus?: LabImage;
  /** Images pinned for comparison. */
  pinned: readonly LabImage[];
  /** The conversion of pictures and drawings to the network's input. */
  normalize: boolean;
  invert: 'auto' | boolean;
  /** The name of the picture that is being read. */
  reading?: string;
  /** The problem with the last image that was opened. */
  problem?: string;
  /** A remark about the image in focus, such as that only its first frame is used. */
  remark?: string;
}

export interface ReadPicture {
  name: string;
  raster: Raster;
  /** A remark about the image. */
  remark?: string;
}

export const MOST_PINNED = 6;
/** The first three images of the test set, as in the notebook. */
const FIRST_PINNED = [0, 1, 2];

/** The open images. Actions change the state or store a problem in it; none throws. */
export interface Images {
  store: StoreApi<ImagesState>;
  open(image: LabImage): void;
  openDataSet(split: Split, index: number): void;
  /** Opens a picture once it is read, unless a later picture was requested. */
  openPicture(name: string, open: () => Promise<ReadPicture>): Promise<void>;
  /** The pad's content, updated while a stroke is drawn. */
  draw(strokes: readonly Stroke[]): void;
  /** Reads the image in focus again; later pictures use the same settings. */
  setNormalizing(changes: Partial<Pick<ImagesState, 'normalize' | 'invert'>>): Promise<void>;
  /**
   * Reads only a part of the picture in focus, in its pixels; without a part, the whole picture.
   * @returns whether this was the latest request when it finished.
   */
  crop(box: Box | undefined): Promise<boolean>;
  /** Shows another digit of the picture in focus. */
  chooseDigit(digit: number): void;
  pin(image: LabImage): void;
  unpin(id: string): void;
  report(problem: string | undefined): void;
  /** Decodes a picture file off the main thread. */
  decode: Workers['decodePicture'];
}

export function createImages(
  labStore: StoreApi<LabState>,
  { decodePicture, readPicture }: Pick<Workers, 'decodePicture' | 'readPicture'>,
): Images {
  const store = createStore<ImagesState>(() => ({ pinned: [], normalize: true, invert: 'auto' }));
  const { getState, setState } = store;
  let made = 0;
  const inputShape = () => labStore.getState().network.input;
  const picture = createLatest({
    failed: (error) => setState({ problem: sentenceOf(error), reading: undefined }),
  });

  eachData(labStore, (data, isOther) => {
    const first = FIRST_PINNED.filter((index) => index < data.test.count).map((index) =>
      dataSetImage(data, 'test', index),
    );
    picture.cancel();
    setState(({ focus }) => ({
      pinned: first,
      focus: isOther || !focus ? first[0] : focus,
      remark: undefined,
    }));
  });

  function attempt(work: () => Partial<ImagesState>): void {
    try {
      setState({ problem: undefined, reading: undefined, ...work() });
    } catch (error) {
      setState({ problem: sentenceOf(error), reading: undefined });
    }
  }

  const newId = () => `made:${++made}`;

  /**
   * Reads a part of a picture with the settings and shows its digit; on failure, keeps everything and reports the
   * problem.
   */
  async function read(
    { file, raster, crop }: Pick<PictureOrigin, 'file' | 'raster' | 'crop'>,
    changes: Partial<ImagesState>,
    signal: AbortSignal,
  ): Promise<void> {
    const { normalize, invert } = { ...getState(), ...changes };
    // A photograph that is no digit needs no paper and no ink.
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

  /** Reads the picture in focus again. */
  function readAgain(origin: PictureOrigin, changes: Partial<ImagesState>): Promise<boolean> {
    setState({ reading: origin.file, problem: undefined });
    return picture.run((signal) => read(origin, changes, signal));
  }

  return {
    store,
    open: (focus) => attempt(() => ({ focus, remark: undefined })),
    openDataSet: (split, index) =>
      attempt(() => {
        const { data } = labStore.getState();
        if (!data)
          throw new CallError('openDataSet', 'expected the data set first. Wait until it has arrived.');
        return { focus: dataSetImage(data, split, index), remark: undefined };
      }),
    async openPicture(reading, open) {
      setState({ reading, problem: undefined });
      await picture.run(async (signal) => {
        const { name, raster, remark } = await open();
        signal.throwIfAborted();
        await read({ file: name, raster }, { remark }, signal);
      });
    },
    draw: (strokes) => {
      const { focus, pinned } = getState();
      const going = focus?.origin.kind === 'drawing' && !pinned.some(({ id }) => id === focus.id);
      picture.cancel();
      attempt(() => {
        const { normalize } = getState();
        if (going) return { focus: { ...focus, ...drawn(strokes, normalize, inputShape()) } };
        return {
          focus: { id: newId(), name: 'your drawing', ...drawn(strokes, normalize, inputShape()) },
          remark: undefined,
        };
      });
    },
    async setNormalizing(changes) {
      const { focus } = getState();
      if (focus?.origin.kind === 'picture') await readAgain(focus.origin, changes);
      else {
        attempt(() => {
          if (focus?.origin.kind !== 'drawing') return changes;
          const { normalize } = { ...getState(), ...changes };
          return { ...changes, focus: { ...focus, ...drawn(focus.origin.strokes, normalize, inputShape()) } };
        });
      }
    },
    async crop(crop) {
      const origin = getState().focus?.origin;
      return origin?.kind === 'picture' && readAgain({ ...origin, crop }, {});
    },
    chooseDigit: (digit) =>
      attempt(() => {
        const origin = getState().focus?.origin;
        if (!origin || !isDigitOrigin(origin) || digit >= origin.reading.digits.length) return {};
        return { focus: pictureImage(newId(), { ...origin, digit }, inputShape()) };
      }),
    pin: (image) =>
      attempt(() => {
        const { pinned } = getState();
        if (pinned.some(({ id }) => id === image.id)) return {};
        if (pinned.length >= MOST_PINNED) {
          throw new CallError('pin', `expected fewer than ${MOST_PINNED} pinned images. Unpin one first.`);
        }
        return { pinned: [...pinned, image] };
      }),
    unpin: (id) => setState(({ pinned }) => ({ pinned: pinned.filter((image) => image.id !== id) })),
    report: (problem) => setState({ problem, reading: undefined }),
    decode: decodePicture,
  };
}

function pictureImage(id: string, origin: PictureOrigin, input: InputShape): LabImage {
  const { file, raster, digit } = origin;
  if (!isDigitOrigin(origin) || !isDigitShape(input)) {
    return { id, name: file, pixels: fitRaster(raster, input), origin };
  }
  const { reading } = origin;
  const count = reading.digits.length;
  const name = count > 1 ? `${file}, digit ${digit + 1} of ${count}` : file;
  return { id, name, pixels: reading.digits[digit].pixels, origin };
}

/** Reads the pad's content: all of it is ink, light on black. */
function drawn(
  strokes: readonly Stroke[],
  normalize: boolean,
  input: InputShape,
): Pick<LabImage, 'pixels' | 'origin'> {
  const origin: ImageOrigin = { kind: 'drawing', strokes };
  if (strokes.length === 0) return { origin, pixels: new Float32Array(pixelCount(input)) };
  const raster = rasterizeStrokes(strokes);
  if (!isDigitShape(input)) return { origin, pixels: fitRaster(raster, input) };
  const ink = grayOf(raster);
  const { width, height } = ink;
  return {
    origin,
    pixels: normalize ? placeInk(ink).pixels : fitPicture(ink, { left: 0, top: 0, width, height }),
  };
}
