import {
  type KeyboardEvent,
  type PointerEvent,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useStore } from 'zustand';
import type { LabImage } from '../../lab/images/labImage.ts';
import type { InputShape } from '../../ml/model/network.ts';
import { PEN, type Stroke } from '../../ml/pictures/strokes.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { paintPixels } from '../shared/paintPixels.ts';
import { pictureShape } from '../shared/pictureShape.ts';
import styles from './DrawingPad.module.css';
import { rasterCanvas } from './pictureMaps.ts';

/** Side of the canvas in its own pixels; CSS sets the displayed size. */
const SIDE = 392;
/** An arrow key moves the pen by one pixel of the network's 28 × 28 image. */
const KEY_STEP = 1 / 28;

/** The original image. A pen, finger or mouse on it starts a drawing, and so do the arrow keys and Space. */
export function DrawingPad() {
  const { images } = useLabHandle();
  const focus = useStore(images.store, (state) => state.focus);
  const input = useLab((state) => state.network.input);
  const canvas = useRef<HTMLCanvasElement>(null);
  const stroke = useRef<number[]>(undefined);
  const request = useRef(0);
  const [pen, setPen] = useState<{ x: number; y: number; down: boolean }>();
  const hint = useId();

  useLayoutEffect(() => {
    if (canvas.current) paintOriginal(canvas.current, focus, input);
  }, [focus, input]);
  useEffect(() => () => cancelAnimationFrame(request.current), []);

  const before = (): readonly Stroke[] =>
    images.store.getState().focus?.origin.kind === 'drawing' ? strokesOf(images.store.getState().focus) : [];
  /** Draws the current stroke over the finished strokes, at most once a frame. */
  const commit = (finished: readonly Stroke[]) => {
    cancelAnimationFrame(request.current);
    request.current = requestAnimationFrame(() => {
      if (stroke.current) images.draw([...finished, [...stroke.current]]);
    });
  };
  const finished = useRef<readonly Stroke[]>([]);

  const start = (event: PointerEvent<HTMLCanvasElement>) => {
    if (event.button !== 0 || stroke.current) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setPen(undefined);
    finished.current = before();
    stroke.current = pointsOf(event.currentTarget, [event.nativeEvent]);
    commit(finished.current);
  };
  const extend = (event: PointerEvent<HTMLCanvasElement>) => {
    if (!stroke.current || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const moves = event.nativeEvent.getCoalescedEvents?.() ?? [];
    stroke.current.push(...pointsOf(event.currentTarget, moves.length > 0 ? moves : [event.nativeEvent]));
    commit(finished.current);
  };
  const end = () => {
    if (!stroke.current) return;
    cancelAnimationFrame(request.current);
    images.draw([...finished.current, stroke.current]);
    stroke.current = undefined;
  };

  const steer = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key.toLowerCase() === 'z' && !event.altKey) {
        event.preventDefault();
        images.draw(before().slice(0, -1));
      }
      return;
    }
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const here = pen ?? { x: 0.5, y: 0.5, down: false };
    if (event.key in moves) {
      const [dx, dy] = moves[event.key];
      const limited = (value: number) => Math.min(1 - KEY_STEP / 2, Math.max(KEY_STEP / 2, value));
      const next = { ...here, x: limited(here.x + dx * KEY_STEP), y: limited(here.y + dy * KEY_STEP) };
      setPen(next);
      const strokes = before();
      if (here.down) images.draw([...strokes.slice(0, -1), [...(strokes.at(-1) ?? []), next.x, next.y]]);
    } else if (event.key === ' ') {
      setPen({ ...here, down: !here.down });
      if (!here.down) images.draw([...before(), [here.x, here.y]]);
    } else if (event.key === 'Backspace') {
      images.draw(before().slice(0, -1));
    } else {
      return;
    }
    event.preventDefault();
  };

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
      onBlur={() => setPen(undefined)}
    >
      <canvas
        ref={canvas}
        className={styles.canvas}
        width={SIDE}
        height={SIDE}
        onPointerDown={start}
        onPointerMove={extend}
        onPointerUp={end}
        onPointerCancel={end}
      />
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

export function strokesOf(image: LabImage | undefined): readonly Stroke[] {
  return image?.origin.kind === 'drawing' ? image.origin.strokes : [];
}

function pointsOf(canvas: HTMLCanvasElement, events: { clientX: number; clientY: number }[]): number[] {
  const box = canvas.getBoundingClientRect();
  return events.flatMap(({ clientX, clientY }) => [
    (clientX - box.left) / box.width,
    (clientY - box.top) / box.height,
  ]);
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
