import { useId, useLayoutEffect, useRef } from 'react';
import type { LabImage } from '../../lab/images/labImage.ts';
import type { InputShape } from '../../ml/model/network.ts';
import { PEN } from '../../ml/pictures/strokes.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { paintPixels } from '../shared/paintPixels.ts';
import { pictureShape } from '../shared/pictureShape.ts';
import styles from './DrawingPad.module.css';
import { rasterCanvas } from './pictureMaps.ts';
import { useKeyPen, usePointerPen } from './usePen.ts';

/** Side of the canvas in its own pixels; CSS sets the displayed size. */
const SIDE = 392;

/** The original image. A pen, finger or mouse on it starts a drawing, and so do the arrow keys and Space. */
export function DrawingPad() {
  const { images } = useLabHandle();
  const focus = useStore(images.store, (state) => state.focus);
  const input = useLab((state) => state.network.input);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { pen, steer, dropPen } = useKeyPen();
  const drawing = usePointerPen(dropPen);
  const hint = useId();
  useLayoutEffect(() => {
    if (canvas.current) paintOriginal(canvas.current, focus, input);
  }, [focus, input]);

  return (
    <div
      className={styles.pad}
      role="application"
      aria-roledescription="drawing pad"
      aria-label={focus ? `${focus.name}, original. Draw here.` : 'Draw here'}
      aria-describedby={hint}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move the pen
      tabIndex={0}
      onKeyDown={steer}
      onBlur={dropPen}
    >
      <canvas ref={canvas} className={styles.canvas} width={SIDE} height={SIDE} {...drawing} />
      {pen && (
        <span
          className={styles.pen}
          data-down={pen.down}
          style={{ left: `${100 * pen.x}%`, top: `${100 * pen.y}%`, width: `${100 * PEN}%` }}
        />
      )}
      <p id={hint} className="visually-hidden">
        Draw with a pen, a finger or the mouse. On the keyboard, the arrow keys move the pen, Space lowers and
        lifts it, and Backspace undoes a stroke. You can also choose a picture file, paste a picture, or open
        a data set image from its menu.
      </p>
    </div>
  );
}

function paintOriginal(canvas: HTMLCanvasElement, image: LabImage | undefined, input: InputShape): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  context.clearRect(0, 0, SIDE, SIDE);
  if (image?.origin.kind === 'picture') {
    paintWithin(context, rasterCanvas(image.origin.raster), true);
    return;
  }
  context.fillStyle = '#000';
  context.fillRect(0, 0, SIDE, SIDE);
  if (image?.origin.kind === 'drawing') {
    context.strokeStyle = '#fff';
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.lineWidth = PEN * SIDE;
    for (const stroke of image.origin.strokes) {
      context.beginPath();
      context.moveTo(stroke[0] * SIDE, stroke[1] * SIDE);
      for (let i = 0; i < stroke.length; i += 2) context.lineTo(stroke[i] * SIDE, stroke[i + 1] * SIDE);
      context.stroke();
    }
  } else if (image) {
    const small = document.createElement('canvas');
    paintPixels(small, image.pixels, pictureShape(image.pixels.length, input));
    paintWithin(context, small, false);
  }
}

function paintWithin(context: CanvasRenderingContext2D, source: HTMLCanvasElement, smooth: boolean): void {
  const scale = SIDE / Math.max(source.width, source.height);
  const [width, height] = [source.width * scale, source.height * scale];
  context.imageSmoothingEnabled = smooth;
  context.drawImage(source, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
}
