import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import type { Stroke } from '../../ml/pictures/strokes.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { moveOf } from '../shared/moveOf.ts';
import { strokesOf } from './strokesOf.ts';

/** An arrow key moves the pen by one pixel of the network's 28 × 28 image. */
const KEY_STEP = 1 / 28;

const DIRECTIONS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
} as const;

/** The drawing so far; none if the image in focus is not a drawing. */
function useStrokes(): () => readonly Stroke[] {
  const { images } = useLabHandle();
  return () => strokesOf(images.store.getState().focus);
}

/** A pen, finger or mouse draws strokes on a canvas. Returns the canvas's handlers. */
export function usePointerPen(onStart: () => void) {
  const { images } = useLabHandle();
  const strokes = useStrokes();
  const stroke = useRef<number[]>(undefined);
  const finished = useRef<readonly Stroke[]>([]);
  const request = useRef(0);
  useEffect(() => () => cancelAnimationFrame(request.current), []);

  /** Draws the current stroke over the finished strokes, at most once a frame. */
  const commit = () => {
    cancelAnimationFrame(request.current);
    request.current = requestAnimationFrame(() => {
      if (stroke.current) images.draw([...finished.current, [...stroke.current]]);
    });
  };
  const end = () => {
    if (!stroke.current) return;
    cancelAnimationFrame(request.current);
    images.draw([...finished.current, stroke.current]);
    stroke.current = undefined;
  };
  return {
    onPointerDown(event: PointerEvent<HTMLCanvasElement>) {
      if (event.button !== 0 || stroke.current) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      onStart();
      finished.current = strokes();
      stroke.current = pointsOf(event.currentTarget, [event.nativeEvent]);
      commit();
    },
    onPointerMove(event: PointerEvent<HTMLCanvasElement>) {
      if (!stroke.current || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
      const moves = event.nativeEvent.getCoalescedEvents?.() ?? [];
      stroke.current.push(...pointsOf(event.currentTarget, moves.length > 0 ? moves : [event.nativeEvent]));
      commit();
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
}

/** Where the keys hold the pen, as shares of the square. */
interface Pen {
  x: number;
  y: number;
  down: boolean;
}

/** The arrow keys move a pen, Space lowers and lifts it, Backspace and Ctrl+Z undo a stroke. */
export function useKeyPen() {
  const { images } = useLabHandle();
  const strokes = useStrokes();
  const [pen, setPen] = useState<Pen>();
  const here = pen ?? { x: 0.5, y: 0.5, down: false };

  const move = ([dx, dy]: readonly [number, number]) => {
    const limited = (value: number) => Math.min(1 - KEY_STEP / 2, Math.max(KEY_STEP / 2, value));
    const next = { ...here, x: limited(here.x + dx * KEY_STEP), y: limited(here.y + dy * KEY_STEP) };
    setPen(next);
    if (!here.down) return;
    const before = strokes();
    images.draw([...before.slice(0, -1), [...(before.at(-1) ?? []), next.x, next.y]]);
  };
  const lowerOrLift = () => {
    setPen({ ...here, down: !here.down });
    if (!here.down) images.draw([...strokes(), [here.x, here.y]]);
  };
  const undo = () => images.draw(strokes().slice(0, -1));

  const steer = (event: KeyboardEvent) => {
    const isUndo = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'z';
    const direction = moveOf(event, DIRECTIONS);
    const act = isUndo ? undo : moveOf(event, { ' ': lowerOrLift, Backspace: undo });
    if (!direction && !act) return;
    event.preventDefault();
    if (direction) move(direction);
    else act?.();
  };
  return { pen, steer, dropPen: () => setPen(undefined) };
}

function pointsOf(canvas: HTMLCanvasElement, events: { clientX: number; clientY: number }[]): number[] {
  const box = canvas.getBoundingClientRect();
  return events.flatMap(({ clientX, clientY }) => [
    (clientX - box.left) / box.width,
    (clientY - box.top) / box.height,
  ]);
}
