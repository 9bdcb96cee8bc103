import { createStore, type StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import { type DataSet, pixelsOf, type Split } from '../../ml/data/dataset.ts';
import type { Raster } from '../../ml/pictures/gray.ts';
import { type NormalizeOptions, normalizePicture } from '../../ml/pictures/normalize.ts';
import { rasterizeStrokes, type Stroke } from '../../ml/pictures/strokes.ts';
import type { Workers } from '../../workers/client.ts';
import { createLatest } from '../ask/latest.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabState } from '../state/state.ts';

/** Where an image comes from. */
export type ImageOrigin =
  | { kind: 'dataSet'; split: Split; index: number }
  | { kind: 'picture'; raster: Raster }
  | { kind: 'drawing'; strokes: readonly Stroke[] }
  /** Made on the page, or given by a script. */
  | { kind: 'pixels' };

/** An image as panels pass it around. */
export interface LabImage {
  /** Tells images apart, such as "test:12". */
  id: string;
  /** For people, such as "test image 12". */
  name: string;
  /** What the network sees, [784] in [0, 1]. */
  pixels: Float32Array;
  /** Its true class, where it is known. */
  label?: number;
  origin: ImageOrigin;
}

export interface ImagesState {
  /** The image that is looked into. */
  focus?: LabImage;
  /** Kept side by side. */
  pinned: readonly LabImage[];
  /** How pictures and drawings become what the network sees. */
  normalize: boolean;
  invert: 'auto' | boolean;
  /** The name of the picture that is being read. */
  reading?: string;
  /** What is wrong with the last image that was tried. */
  problem?: string;
  /** Worth knowing about the image in focus, such as that only its first frame is used. */
  remark?: string;
}

export interface ReadPicture {
  name: string;
  raster: Raster;
  /** What a person should know about it. */
  remark?: string;
}

export const MOST_PINNED = 6;
/** The notebook shows the first three images of the test set. */
const FIRST_PINNED = [0, 1, 2];

/** The images that are looked into. Every action either changes the state or leaves a problem in it; none throws. */
export interface Images {
  store: StoreApi<ImagesState>;
  open(image: LabImage): void;
  openDataSet(split: Split, index: number): void;
  /** Opens a picture once it is read; a picture that was asked for later wins. */
  openPicture(name: string, read: () => Promise<ReadPicture>): Promise<void>;
  /** What the pad holds, live while a stroke is made. */
  draw(strokes: readonly Stroke[]): void;
  setNormalizing(changes: Partial<Pick<ImagesState, 'normalize' | 'invert'>>): void;
  pin(image: LabImage): void;
  unpin(id: string): void;
  report(problem: string | undefined): void;
  /** Decodes a picture's file off the main thread. */
  decode: Workers['decodePicture'];
}

/** An image of the data set. */
export function dataSetImage(data: DataSet, split: Split, index: number): LabImage {
  return {
    id: `${split}:${index}`,
    name: `${split === 'test' ? 'test' : 'training'} image ${index}`,
    pixels: pixelsOf(data[split], index),
    label: data[split].labels[index],
    origin: { kind: 'dataSet', split, index },
  };
}

export function createImages(
  labStore: StoreApi<LabState>,
  { decodePicture }: Pick<Workers, 'decodePicture'>,
): Images {
  const store = createStore<ImagesState>(() => ({ pinned: [], normalize: true, invert: 'auto' }));
  const { getState, setState } = store;
  let made = 0;
  const picture = createLatest({
    failed: (error) => setState({ problem: sentenceOf(error), reading: undefined }),
  });

  const stop = labStore.subscribe(({ data }) => {
    if (!data) return;
    stop();
    const first = FIRST_PINNED.map((index) => dataSetImage(data, 'test', index));
    setState(({ focus }) => ({ pinned: first, focus: focus ?? first[0] }));
  });

  /** The image as the network sees it under these settings. */
  function seen(image: LabImage, { normalize, invert }: Required<NormalizeOptions>): LabImage {
    const { origin } = image;
    switch (origin.kind) {
      case 'dataSet':
      case 'pixels':
        return image;
      case 'picture':
        return { ...image, pixels: normalizePicture(origin.raster, { normalize, invert }).pixels };
      case 'drawing': {
        if (origin.strokes.length === 0) return { ...image, pixels: new Float32Array(28 * 28) };
        const raster = rasterizeStrokes(origin.strokes);
        return { ...image, pixels: normalizePicture(raster, { normalize, invert: false }).pixels };
      }
      default:
        return origin satisfies never;
    }
  }

  function attempt(work: () => Partial<ImagesState>): void {
    try {
      setState({ problem: undefined, reading: undefined, ...work() });
    } catch (error) {
      setState({ problem: sentenceOf(error), reading: undefined });
    }
  }

  function openNew(name: string, origin: ImageOrigin, remark?: string): void {
    attempt(() => {
      const image = { id: `made:${++made}`, name, pixels: new Float32Array(0), origin };
      return { focus: seen(image, getState()), remark };
    });
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
    async openPicture(reading, read) {
      setState({ reading, problem: undefined });
      await picture.run(async (signal) => {
        const { name, raster, remark } = await read();
        signal.throwIfAborted();
        openNew(name, { kind: 'picture', raster }, remark);
      });
    },
    draw: (strokes) => {
      const { focus, pinned } = getState();
      const going = focus?.origin.kind === 'drawing' && !pinned.some(({ id }) => id === focus.id);
      if (!going) openNew('your drawing', { kind: 'drawing', strokes });
      else {
        attempt(() => ({ focus: seen({ ...focus, origin: { kind: 'drawing', strokes } }, getState()) }));
      }
    },
    setNormalizing: (changes) => {
      const next = { ...getState(), ...changes };
      attempt(() => ({ ...changes, focus: next.focus && seen(next.focus, next) }));
    },
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
