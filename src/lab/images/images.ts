import { createStore, type StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import { type DataSet, isDigitShape, pixelCount, type Split } from '../../ml/data/dataset.ts';
import { fitRaster } from '../../ml/imageFiles/resize.ts';
import type { InputShape } from '../../ml/model/network.ts';
import { grayOf } from '../../ml/pictures/gray.ts';
import { fitPicture, placeInk } from '../../ml/pictures/normalize.ts';
import type { Box } from '../../ml/pictures/resample.ts';
import { rasterizeStrokes, type Stroke } from '../../ml/pictures/strokes.ts';
import type { Workers } from '../../workers/client.ts';
import { eachData } from '../ask/eachData.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabState } from '../state/state.ts';
import { dataSetImage } from './dataSetImage.ts';
import type { ImagesState, ReadPicture } from './imagesState.ts';
import { type ImageOrigin, isDigitOrigin, type LabImage } from './labImage.ts';
import { createPictureReading, pictureImage } from './pictureReading.ts';

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
  const newId = () => `made:${++made}`;
  const inputShape = () => labStore.getState().network.input;
  const picture = createPictureReading({ store, readPicture, newId, inputShape });

  eachData(labStore, (data, isOther) => {
    picture.cancel();
    const pinned = firstPinned(data);
    setState(({ focus }) => ({ pinned, focus: isOther || !focus ? pinned[0] : focus, remark: undefined }));
  });

  function attempt(work: () => Partial<ImagesState>): void {
    try {
      setState({ problem: undefined, reading: undefined, ...work() });
    } catch (error) {
      setState({ problem: sentenceOf(error), reading: undefined });
    }
  }

  return {
    store,
    open: (focus) => attempt(() => ({ focus, remark: undefined })),
    openDataSet: (split, index) => attempt(() => opened(labStore.getState().data, split, index)),
    openPicture: picture.open,
    draw(strokes) {
      picture.cancel();
      attempt(() => withDrawing(getState(), drawn(strokes, getState().normalize, inputShape()), newId));
    },
    async setNormalizing(changes) {
      const { focus } = getState();
      if (focus?.origin.kind === 'picture') await picture.again(focus.origin, changes);
      else attempt(() => ({ ...changes, ...drawnAgain({ ...getState(), ...changes }, inputShape()) }));
    },
    async crop(crop) {
      const origin = getState().focus?.origin;
      return origin?.kind === 'picture' && picture.again({ ...origin, crop }, {});
    },
    chooseDigit: (digit) =>
      attempt(() => {
        const origin = getState().focus?.origin;
        if (!origin || !isDigitOrigin(origin) || digit >= origin.reading.digits.length) return {};
        return { focus: pictureImage(newId(), { ...origin, digit }, inputShape()) };
      }),
    pin: (image) => attempt(() => withPinned(getState(), image)),
    unpin: (id) => setState(({ pinned }) => ({ pinned: pinned.filter((image) => image.id !== id) })),
    report: (problem) => setState({ problem, reading: undefined }),
    decode: decodePicture,
  };
}

/** @throws if the data set has not arrived. */
function opened(data: DataSet | undefined, split: Split, index: number): Partial<ImagesState> {
  if (!data) throw new CallError('openDataSet', 'expected the data set first. Wait until it has arrived.');
  return { focus: dataSetImage(data, split, index), remark: undefined };
}

/** Continues the drawing in focus, unless it is pinned; else begins a new one. */
function withDrawing(
  { focus, pinned }: ImagesState,
  drawing: ReturnType<typeof drawn>,
  newId: () => string,
): Partial<ImagesState> {
  const isOpen = focus?.origin.kind === 'drawing' && !pinned.some(({ id }) => id === focus.id);
  if (isOpen) return { focus: { ...focus, ...drawing } };
  return { focus: { id: newId(), name: 'your drawing', ...drawing }, remark: undefined };
}

function firstPinned(data: DataSet): LabImage[] {
  const known = FIRST_PINNED.filter((index) => index < data.test.count);
  return known.map((index) => dataSetImage(data, 'test', index));
}

/** @throws if no further image can be pinned. */
function withPinned({ pinned }: ImagesState, image: LabImage): Partial<ImagesState> {
  if (pinned.some(({ id }) => id === image.id)) return {};
  if (pinned.length >= MOST_PINNED) {
    throw new CallError('pin', `expected fewer than ${MOST_PINNED} pinned images. Unpin one first.`);
  }
  return { pinned: [...pinned, image] };
}

/** A drawing in focus, read with the present settings. */
function drawnAgain({ focus, normalize }: ImagesState, input: InputShape): Partial<ImagesState> {
  if (focus?.origin.kind !== 'drawing') return {};
  return { focus: { ...focus, ...drawn(focus.origin.strokes, normalize, input) } };
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
