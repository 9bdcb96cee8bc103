import { type ReactNode, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { DigitOrigin } from '../../lab/images/labImage.ts';
import { PARTS, type PictureReading } from '../../ml/pictures/read.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { CropEditor } from './CropEditor.tsx';
import { DigitChoice } from './DigitChoice.tsx';
import styles from './PictureSteps.module.css';
import { grayCanvas, partsCanvas, SET_ASIDE, strokeBoxes } from './pictureMaps.ts';

/** The steps from a picture to 28 x 28: its paper, its ink, ignored parts, and a manual crop. */
export function PictureSteps({ origin }: { origin: DigitOrigin }) {
  const { images } = useLabHandle();
  const normalize = useStore(images.store, (state) => state.normalize);
  const [cropping, setCropping] = useState(false);
  const { reading, digit, crop } = origin;
  const editor = useId();
  return (
    <section className={styles.steps} aria-label="From the picture to 28 by 28">
      {reading.digits.length > 1 && <DigitChoice origin={origin} />}
      {normalize && <Strip reading={reading} digit={digit} />}
      <div className={styles.tools}>
        <Button
          variant="quiet"
          aria-expanded={cropping}
          aria-controls={editor}
          onClick={() => setCropping((now) => !now)}
        >
          {cropping ? 'Done cropping' : 'Crop manually'}
        </Button>
        {crop && (
          <Button variant="quiet" onClick={() => void images.crop(undefined)}>
            Whole picture
          </Button>
        )}
      </div>
      <div id={editor}>{cropping && <CropEditor origin={origin} />}</div>
    </section>
  );
}

function Strip({ reading, digit }: { reading: PictureReading; digit: number }) {
  const paper = useMemo(() => grayCanvas(reading.paper, reading), [reading]);
  const parts = useMemo(() => partsCanvas(reading), [reading]);
  const ink = useMemo(() => {
    const canvas = grayCanvas(reading.ink, reading);
    strokeBoxes(
      canvas,
      reading.digits.map(({ box }) => box),
      digit,
    );
    return canvas;
  }, [reading, digit]);
  const aside = SET_ASIDE.filter(({ part }) => reading.parts.includes(part));
  return (
    <div className={styles.strip}>
      <Step name="Paper" canvas={paper}>
        {levelsOf(reading)}
      </Step>
      <Step name="Ignored" canvas={parts}>
        {aside.length === 0
          ? 'nothing'
          : aside.map(({ name, color }) => (
              <span key={name} className={styles.key}>
                <span className={styles.swatch} style={{ background: color }} />
                {name}
              </span>
            ))}
      </Step>
      <Step name="Ink" canvas={ink}>
        {reading.inverted ? 'dark, shown light' : 'light'}
      </Step>
    </div>
  );
}

function Step({ name, canvas, children }: { name: string; canvas: HTMLCanvasElement; children: ReactNode }) {
  const place = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = place.current?.getContext('2d');
    context?.clearRect(0, 0, canvas.width, canvas.height);
    context?.drawImage(canvas, 0, 0);
  }, [canvas]);
  return (
    <figure className={styles.step}>
      <canvas ref={place} role="img" aria-label={name} width={canvas.width} height={canvas.height} />
      <figcaption>
        <strong>{name}</strong>
        <span className={styles.detail}>{children}</span>
      </figcaption>
    </figure>
  );
}

/** The brightness of the paper as text. */
function levelsOf({ paper, parts }: PictureReading): string {
  let [low, high] = [255, 0];
  parts.forEach((part, i) => {
    if (part === PARTS.outside) return;
    low = Math.min(low, paper[i]);
    high = Math.max(high, paper[i]);
  });
  const share = (value: number) => Math.round(value / 2.55);
  return share(high) - share(low) < 2
    ? `${share(high)} % of white, even`
    : `${share(low)} to ${share(high)} % of white`;
}
