import { useMemo, useRef } from 'react';
import { useStore } from 'zustand';
import { MOST_PINNED } from '../../lab/images/images.ts';
import type { LabImage } from '../../lab/images/labImage.ts';
import { isDigitShape } from '../../ml/data/dataset.ts';
import type { InputShape } from '../../ml/model/network.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { ImageGrid } from '../shared/ImageGrid.tsx';
import type { MapBox, MapFrame } from '../shared/mapFrame.ts';
import { ErrorNotice, Notice } from '../shared/Notice.tsx';
import { pictureShape } from '../shared/pictureShape.ts';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { DrawingPad, strokesOf } from './DrawingPad.tsx';
import styles from './ImageStage.module.css';
import { receive } from './offers.ts';
import { PictureSteps } from './PictureSteps.tsx';

const normalizings = [
  { value: 'digit', label: 'Center as in MNIST' },
  { value: 'whole', label: 'Scale only' },
] as const;

const inks = [
  { value: 'auto', label: 'Find out' },
  { value: 'dark', label: 'Dark' },
  { value: 'light', label: 'Light' },
] as const;

const COLORS = ['red', 'green', 'blue'];

/** The image in focus, as received and as the network sees it, with the ways to choose another image. */
export function ImageStage({ box }: { box?: MapBox }) {
  const lab = useLabHandle();
  const { images } = lab;
  const { focus, pinned, normalize, invert, problem, remark, reading } = useStore(images.store);
  const chooser = useRef<HTMLInputElement>(null);
  const input = useLab((state) => state.network.input);
  const classNames = useLab((state) => state.data?.classNames);
  const seen = useMemo(() => focus && frameOf(focus, input), [focus, input]);
  const drawn = strokesOf(focus);
  const madeHere =
    isDigitShape(input) && (focus?.origin.kind === 'picture' || focus?.origin.kind === 'drawing');
  const isPinned = pinned.some(({ id }) => id === focus?.id);

  return (
    <div className={styles.stage}>
      <div className={styles.pair}>
        <figure className={styles.view}>
          <figcaption className={styles.caption}>
            <strong>{focus?.name ?? 'No image yet'}</strong>
            {focus?.label !== undefined && <span>true class {classNames?.[focus.label] ?? focus.label}</span>}
          </figcaption>
          <DrawingPad />
          <div className={styles.tools}>
            <Button
              variant="quiet"
              disabled={drawn.length === 0}
              onClick={() => images.draw(drawn.slice(0, -1))}
            >
              Undo
            </Button>
            <Button variant="quiet" disabled={drawn.length === 0} onClick={() => images.draw([])}>
              Clear
            </Button>
          </div>
        </figure>
        <figure className={styles.view}>
          <figcaption className={styles.caption}>
            <strong>What the network sees</strong>
            <span>
              {input.height} × {input.width}
              {input.channels === 3 && ' in color'}
            </span>
          </figcaption>
          {seen && (
            <ImageGrid
              label={`What the network sees: ${input.height} by ${input.width} pixels ${input.channels === 3 ? 'of red, green and blue ' : ''}from 0, black, to 1, white`}
              maps={seen}
              nameOf={(map) => (input.channels === 3 ? COLORS[map] : 'pixel')}
              across={input.channels === 3 ? undefined : 1}
              largestMap={196}
              box={box}
            />
          )}
        </figure>
      </div>
      <p className={styles.hint}>
        Draw in the left square, or drop, paste or choose a picture. You can also drag any image on this page
        here.
      </p>
      <div className={styles.actions}>
        <Button onClick={() => chooser.current?.click()}>Choose a picture</Button>
        <input
          ref={chooser}
          type="file"
          accept="image/png,image/jpeg,image/webp,image/gif,image/avif,image/bmp,image/x-icon,.ico,image/svg+xml"
          aria-label="Choose a picture"
          hidden
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            if (file) {
              const transfer = new DataTransfer();
              transfer.items.add(file);
              void receive(lab, transfer, 'drop');
            }
            // Without this, choosing the same file again would fire no event.
            event.target.value = '';
          }}
        />
        <Button
          disabled={!focus || isPinned || pinned.length >= MOST_PINNED}
          title={
            pinned.length >= MOST_PINNED ? `${MOST_PINNED} images are pinned: unpin one first` : undefined
          }
          onClick={() => focus && images.pin(focus)}
        >
          {isPinned ? 'Pinned' : 'Pin'}
        </Button>
      </div>
      {madeHere && (
        <div className={styles.settings}>
          <ToggleGroup
            label="Normalize"
            compact
            value={normalize ? 'digit' : 'whole'}
            options={normalizings}
            onChange={(value) => void images.setNormalizing({ normalize: value === 'digit' })}
          />
          {focus.origin.kind === 'picture' && (
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
      )}
      {isDigitShape(input) && focus?.origin.kind === 'picture' && <PictureSteps origin={focus.origin} />}
      {reading && <Notice>Reading {reading} …</Notice>}
      {problem && <ErrorNotice message={problem} onDismiss={() => images.report(undefined)} />}
      {remark && <Notice>{remark}</Notice>}
    </div>
  );
}

/** One map of a gray image, three of a color image. */
function frameOf({ pixels }: LabImage, input: InputShape): MapFrame {
  const { height, width } = pictureShape(pixels.length, input);
  return { values: pixels, rows: height, columns: width, colors: 'gray', scale: { low: 0, high: 1 } };
}
