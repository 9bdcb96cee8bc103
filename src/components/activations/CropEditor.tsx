import { type KeyboardEvent, type PointerEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import type { PictureOrigin } from '../../lab/images/labImage.ts';
import type { Box } from '../../ml/pictures/resample.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { moveOf } from '../shared/moveOf.ts';
import styles from './PictureSteps.module.css';
import { rasterCanvas } from './pictureMaps.ts';

/** An arrow key moves the box by this share of the picture's longer side. */
const KEY_STEP = 0.02;
/** A drag shorter than this share counts as a click and is ignored. */
const SHORTEST = 0.02;

const moves: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The picture with a crop box. A drag draws a new box; arrow keys move the box, and with Shift they resize it. */
export function CropEditor({ origin }: { origin: PictureOrigin }) {
  const { raster } = origin;
  const { width, height } = raster;
  const canvas = useRef<HTMLCanvasElement>(null);
  const { box, handlers } = useCropBox(origin);
  const hint = useId();

  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    context?.clearRect(0, 0, width, height);
    context?.drawImage(rasterCanvas(raster), 0, 0);
  }, [raster, width, height]);

  return (
    <div className={styles.crop}>
      <div
        className={styles.stage}
        role="application"
        aria-roledescription="crop"
        aria-label={`Crop: columns ${box.left} to ${box.left + box.width} of ${width}, rows ${box.top} to ${box.top + box.height} of ${height}`}
        aria-describedby={hint}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move the box
        tabIndex={0}
        style={{ aspectRatio: `${width} / ${height}`, maxWidth: `${(24 * width) / height}rem` }}
        {...handlers}
      >
        <canvas ref={canvas} width={width} height={height} />
        <span
          className={styles.box}
          style={{
            left: `${(100 * box.left) / width}%`,
            top: `${(100 * box.top) / height}%`,
            width: `${(100 * box.width) / width}%`,
            height: `${(100 * box.height) / height}%`,
          }}
        />
      </div>
      <p id={hint} className={styles.detail}>
        Drag a box around the digit. On the keyboard, arrow keys move the box; with Shift they move its right
        and lower edges.
      </p>
    </div>
  );
}

/** The box being chosen, in pixels of the picture, and the handlers that change it. */
function useCropBox({ raster: { width, height }, crop }: PictureOrigin) {
  const { images } = useLabHandle();
  const start = useRef<{ x: number; y: number }>(undefined);
  const [draft, setDraft] = useState<Box>();
  const box = draft ?? crop ?? { left: 0, top: 0, width, height };

  const placeOf = ({ clientX, clientY, currentTarget }: PointerEvent<HTMLElement>) => {
    const area = currentTarget.getBoundingClientRect();
    const within = (value: number, most: number) => Math.round(Math.min(most, Math.max(0, value)));
    return {
      x: within(((clientX - area.left) / area.width) * width, width),
      y: within(((clientY - area.top) / area.height) * height, height),
    };
  };
  /** Keeps the chosen box until the picture has been read again, so that further keys start from it. */
  const apply = (next: Box) => {
    setDraft(next);
    void images.crop(next).then((latest) => latest && setDraft(undefined));
  };
  const end = () => {
    start.current = undefined;
    if (draft && Math.min(draft.width, draft.height) >= SHORTEST * Math.max(width, height)) apply(draft);
    else setDraft(undefined);
  };
  return {
    box,
    handlers: {
      onKeyDown(event: KeyboardEvent) {
        const move = moveOf(event, moves);
        if (!move) return;
        event.preventDefault();
        apply(stepped(box, move, { width, height, resize: event.shiftKey }));
      },
      onPointerDown(event: PointerEvent<HTMLElement>) {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = placeOf(event);
      },
      onPointerMove(event: PointerEvent<HTMLElement>) {
        if (start.current) setDraft(boxBetween(start.current, placeOf(event)));
      },
      onPointerUp: end,
      onPointerCancel: end,
    },
  };
}

function boxBetween(a: { x: number; y: number }, b: { x: number; y: number }): Box {
  const [left, top] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return { left, top, width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
}

/** The box after one key press. A box that already touches an edge shrinks instead of moving past it. */
function stepped(
  box: Box,
  [dx, dy]: [number, number],
  { width, height, resize }: { width: number; height: number; resize: boolean },
): Box {
  const step = Math.max(1, Math.round(KEY_STEP * Math.max(width, height)));
  const smallest = 4 * step;
  const along = (start: number, length: number, by: number, most: number): [number, number] => {
    if (resize)
      return [start, Math.min(most - start, Math.max(Math.min(smallest, most), length + by * step))];
    const moved = start + by * step;
    if (moved < 0) return [0, Math.max(Math.min(smallest, most), length + moved)];
    if (moved + length > most)
      return [
        Math.min(moved, most - Math.min(smallest, most)),
        Math.max(Math.min(smallest, most), most - moved),
      ];
    return [moved, length];
  };
  const [left, w] = along(box.left, box.width, dx, width);
  const [top, h] = along(box.top, box.height, dy, height);
  return { left, top, width: w, height: h };
}
