import {
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type RefObject,
  useRef,
} from 'react';
import type { GridPainter } from './gridPainter.ts';
import { readingOf } from './gridReading.ts';
import { type MapCell, type MapFrame, type MapSource, mapCount, readMaps } from './mapFrame.ts';
import { moveOf } from './moveOf.ts';

interface GridCursorParts {
  maps: MapFrame | MapSource;
  nameOf: (map: number) => string;
  selected?: number;
  onSelect?: (map: number, cell: MapCell) => void;
  onPoint?: (cell: MapCell | undefined) => void;
  cursor?: MapCell;
  setCursor: (cell: MapCell | undefined) => void;
  canvas: RefObject<HTMLCanvasElement | null>;
  painter: RefObject<GridPainter | undefined>;
}

/**
 * The pointer and the keys move a grid's cursor from cell to cell. Returns the grid's handlers, and the element that
 * speaks the values that the keys reach.
 */
export function useGridCursor(parts: GridCursorParts) {
  const { maps, nameOf, selected, onSelect, onPoint, cursor, setCursor, canvas, painter } = parts;
  const spoken = useRef<HTMLParagraphElement>(null);
  const first: MapCell = { map: selected ?? 0, row: 0, column: 0 };

  const point = (cell: MapCell | undefined) => {
    setCursor(cell);
    onPoint?.(cell);
  };
  const speak = (cell: MapCell) => {
    point(cell);
    const frame = readMaps(maps);
    if (!frame || !spoken.current) return;
    const { value, name, place } = readingOf(frame, cell, nameOf);
    spoken.current.textContent = `${value}, ${name}, ${place}`;
  };
  const cellUnder = ({ clientX, clientY }: MouseEvent): MapCell | undefined => {
    const box = canvas.current?.getBoundingClientRect();
    return box && painter.current?.cellAt(clientX - box.left, clientY - box.top);
  };
  const track = (event: PointerEvent) => {
    const cell = cellUnder(event);
    if (!sameCell(cell, cursor)) point(cell);
  };
  const steer = (event: KeyboardEvent) => {
    const frame = readMaps(maps);
    if (!painter.current || !frame || event.altKey || event.ctrlKey || event.metaKey) return;
    const here = cursor ?? first;
    const next = moveOf(event, movesFrom(here, painter.current, mapCount(frame) - 1));
    const opens = onSelect && (event.key === 'Enter' || event.key === ' ');
    if (next || opens) event.preventDefault();
    if (next) speak(next);
    else if (opens) onSelect(here.map, here);
    else if (event.key === 'Escape') point(undefined);
  };

  return {
    spoken,
    handlers: {
      onKeyDown: steer,
      onFocus: ({ currentTarget }: FocusEvent) => {
        if (currentTarget.matches(':focus-visible') && !cursor) speak(first);
      },
      onBlur: () => point(undefined),
      onPointerMove: track,
      onPointerDown: track,
      onPointerLeave: () => point(undefined),
      onClick: (event: MouseEvent) => {
        const cell = cellUnder(event);
        if (cell) onSelect?.(cell.map, cell);
      },
    },
  };
}

/** Where each key leads from a cell. */
function movesFrom(here: MapCell, grid: GridPainter, last: number): Record<string, MapCell> {
  return {
    ArrowUp: grid.neighbor(here, -1, 0),
    ArrowDown: grid.neighbor(here, 1, 0),
    ArrowLeft: grid.neighbor(here, 0, -1),
    ArrowRight: grid.neighbor(here, 0, 1),
    PageUp: { ...here, map: Math.max(0, here.map - 1) },
    PageDown: { ...here, map: Math.min(last, here.map + 1) },
    Home: { map: 0, row: 0, column: 0 },
    End: { map: last, row: 0, column: 0 },
  };
}

function sameCell(a: MapCell | undefined, b: MapCell | undefined): boolean {
  return a?.map === b?.map && a?.row === b?.row && a?.column === b?.column;
}
