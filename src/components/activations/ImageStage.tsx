import { useMemo } from 'react';
import { MOST_PINNED } from '../../lab/images/images.ts';
import { isDigitOrigin, type LabImage } from '../../lab/images/labImage.ts';
import { isDigitShape } from '../../ml/data/dataset.ts';
import type { InputShape } from '../../ml/model/network.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { FileButton } from '../shared/FileButton.tsx';
import { ImageGrid } from '../shared/ImageGrid.tsx';
import type { MapBox, MapFrame } from '../shared/mapFrame.ts';
import { ErrorNotice, Notice } from '../shared/Notice.tsx';
import { CHANNEL_NAMES, pictureShape } from '../shared/pictureShape.ts';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { DrawingPad } from './DrawingPad.tsx';
import styles from './ImageStage.module.css';
import { receive } from './offers.ts';
import { PictureSteps } from './PictureSteps.tsx';
import { strokesOf } from './strokesOf.ts';

const normalizings = [
  { value: 'digit', label: 'Center as in MNIST' },
  { value: 'whole', label: 'Scale only' },
] as const;

const inks = [
  { value: 'auto', label: 'Detect' },
  { value: 'dark', label: 'Dark' },
  { value: 'light', label: 'Light' },
] as const;

/** The image in focus, as received and as the network sees it, with the ways to choose another image. */
export function ImageStage({ box }: { box?: MapBox }) {
  const { images } = useLabHandle();
  const { focus, problem, remark, reading } = useStore(images.store);
  const input = useLab((state) => state.network.input);
  const isDigit = isDigitShape(input);
  const kind = focus?.origin.kind;
  return (
    <div className={styles.stage}>
      <div className={styles.pair}>
        <Original />
        <Seen box={box} />
      </div>
      <p className={styles.hint}>
        {isDigit ? 'Draw in the left square, or drop, paste or choose a picture.' : ownWays(input)} You can
        also drag any image on this page here.
      </p>
      <div className={styles.actions}>
        <PictureChooser />
        <PinButton />
      </div>
      {isDigit && (kind === 'picture' || kind === 'drawing') && (
        <Normalizing isPicture={kind === 'picture'} />
      )}
      {isDigit && focus && isDigitOrigin(focus.origin) && <PictureSteps origin={focus.origin} />}
      {reading && <Notice>Reading {reading} …</Notice>}
      {problem && <ErrorNotice message={problem} onDismiss={() => images.report(undefined)} />}
      {remark && <Notice>{remark}</Notice>}
    </div>
  );
}

/** The image as received, which can be drawn on. */
function Original() {
  const { images } = useLabHandle();
  const focus = useStore(images.store, (state) => state.focus);
  const classNames = useLab((state) => state.data?.classNames);
  const drawn = strokesOf(focus);
  return (
    <figure className={styles.view}>
      <figcaption className={styles.caption}>
        <strong>{focus?.name ?? 'No image yet'}</strong>
        {focus?.label !== undefined && <span>true class {classNames?.[focus.label] ?? focus.label}</span>}
      </figcaption>
      <DrawingPad />
      <div className={styles.tools}>
        <Button variant="quiet" disabled={drawn.length === 0} onClick={() => images.draw(drawn.slice(0, -1))}>
          Undo
        </Button>
        <Button variant="quiet" disabled={drawn.length === 0} onClick={() => images.draw([])}>
          Clear
        </Button>
      </div>
    </figure>
  );
}

/** The image as the network sees it. */
function Seen({ box }: { box?: MapBox }) {
  const focus = useStore(useLabHandle().images.store, (state) => state.focus);
  const input = useLab((state) => state.network.input);
  const seen = useMemo(() => focus && frameOf(focus, input), [focus, input]);
  const isColor = seen?.isColor ?? false;
  return (
    <figure className={styles.view}>
      <figcaption className={styles.caption}>
        <strong>What the network sees</strong>
        <span>
          {input.height} × {input.width}
          {isColor && ' in color'}
        </span>
      </figcaption>
      {seen && (
        <ImageGrid
          label={`What the network sees: ${input.height} by ${input.width} pixels ${isColor ? 'of red, green and blue ' : ''}from 0, black, to 1, white`}
          maps={seen}
          nameOf={() => 'pixel'}
          across={1}
          largestMap={196}
          box={box}
        />
      )}
      {seen && isColor && <Channels frame={seen} box={box} />}
    </figure>
  );
}

/** The color channels of the image, each as a map of its own. */
function Channels({ frame, box }: { frame: MapFrame; box?: MapBox }) {
  const maps = useMemo(() => ({ ...frame, isColor: false }), [frame]);
  return (
    <details className={styles.channels}>
      <summary>Red, green and blue</summary>
      <ImageGrid
        label="The image’s red, green and blue values, each from 0, black, to 1, white"
        maps={maps}
        nameOf={(map) => CHANNEL_NAMES[map]}
        across={3}
        largestMap={64}
        box={box}
      />
    </details>
  );
}

function PictureChooser() {
  const lab = useLabHandle();
  const offer = ([file]: File[]) => {
    const transfer = new DataTransfer();
    transfer.items.add(file);
    void receive(lab, transfer, 'drop');
  };
  return (
    <FileButton
      name="Choose a picture"
      accept="image/png,image/jpeg,image/webp,image/gif,image/avif,image/bmp,image/x-icon,.ico,image/svg+xml"
      onFiles={offer}
    >
      Choose a picture
    </FileButton>
  );
}

/** Pins the image in focus below, beside the other pinned images. */
function PinButton() {
  const { images } = useLabHandle();
  const { focus, pinned } = useStore(images.store);
  const isPinned = pinned.some(({ id }) => id === focus?.id);
  const isFull = pinned.length >= MOST_PINNED;
  return (
    <Button
      disabled={!focus || isPinned || isFull}
      title={isFull ? `${MOST_PINNED} images are pinned: unpin one first` : undefined}
      onClick={() => focus && images.pin(focus)}
    >
      {isPinned ? 'Pinned' : 'Pin'}
    </Button>
  );
}

/** The conversion of a picture or a drawing to an image like MNIST's. */
function Normalizing({ isPicture }: { isPicture: boolean }) {
  const { images } = useLabHandle();
  const { normalize, invert } = useStore(images.store);
  return (
    <div className={styles.settings}>
      <ToggleGroup
        label="Normalize"
        compact
        value={normalize ? 'digit' : 'whole'}
        options={normalizings}
        onChange={(value) => void images.setNormalizing({ normalize: value === 'digit' })}
      />
      {isPicture && (
        <ToggleGroup
          label="Ink"
          compact
          value={invert === 'auto' ? 'auto' : invert ? 'dark' : 'light'}
          options={inks}
          onChange={(value) =>
            void images.setNormalizing({ invert: value === 'auto' ? 'auto' : value === 'dark' })
          }
        />
      )}
    </div>
  );
}

/** How drawings and pictures become images for a network whose input is not a digit. */
function ownWays({ channels, height, width }: InputShape): string {
  const strokes = channels === 3 ? 'white on black, the same in red, green and blue' : 'white on black';
  const size = `${height} × ${width} ${channels === 3 ? 'pixels' : 'gray pixels'}`;
  return `Draw in the left square (${strokes}), or drop, paste or choose a picture; its center is scaled to ${size}.`;
}

function frameOf({ pixels }: LabImage, input: InputShape): MapFrame {
  const { channels, height, width } = pictureShape(pixels.length, input);
  const scale = { low: 0, high: 1 };
  return { values: pixels, rows: height, columns: width, colors: 'gray', isColor: channels === 3, scale };
}
