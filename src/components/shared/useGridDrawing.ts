import { useLayoutEffect, useRef } from 'react';
import { GridPainter } from './gridPainter.ts';
import { type GridReading, readingOf } from './gridReading.ts';
import { keepDrawn } from './keepDrawn.ts';
import {
  isSource,
  type MapBox,
  type MapCell,
  type MapFrame,
  type MapSource,
  mapCount,
  readMaps,
} from './mapFrame.ts';

/** How an image grid is drawn. */
export interface GridLook {
  nameOf: (map: number) => string;
  across?: number;
  gap: number;
  largestMap: number;
  selected?: number;
  highlighted?: number;
  box?: MapBox;
  /** The cell whose reading is shown. */
  cursor?: MapCell;
}

/** Draws maps on a canvas, and the cursor's reading beside its cell. Returns the elements to place and the painter. */
export function useGridDrawing(maps: MapFrame | MapSource, look: GridLook) {
  const wrapper = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const tag = useRef<HTMLDivElement>(null);
  const painter = useRef<GridPainter>(undefined);
  const repaint = useRef<() => void>(() => {});
  const latest = useRef(look);

  useLayoutEffect(() => {
    if (!canvas.current || !wrapper.current) return;
    painter.current ??= new GridPainter(canvas.current);
    const grid = painter.current;
    const container = wrapper.current;
    const drawer = keepDrawn(container, {
      draw({ width }) {
        const frame = readMaps(maps);
        if (!frame || width === 0) return;
        const { across, gap, largestMap, nameOf, ...marks } = latest.current;
        grid.paint(frame, width, { across, gap, largestMap }, marks);
        const { cursor } = marks;
        if (!cursor || !tag.current || cursor.map >= mapCount(frame)) return;
        showReading(tag.current, readingOf(frame, cursor, nameOf));
        positionTag(tag.current, container, grid.place(cursor));
      },
      subscribe: isSource(maps) ? (redraw) => maps.subscribe(redraw) : undefined,
    });
    repaint.current = drawer.request;
    // The first drawing is not left to the next frame, so that no empty canvas is painted.
    drawer.drawNow();
    return drawer.stop;
  }, [maps]);

  useLayoutEffect(() => {
    latest.current = look;
    repaint.current();
  });

  return { wrapper, canvas, tag, painter };
}

function showReading(tag: HTMLElement, { value, name, place }: GridReading): void {
  const strong = document.createElement('strong');
  strong.textContent = value;
  tag.replaceChildren(strong, `${name}, ${place}`);
}

/** Places the readout above the cell if there is room, otherwise below, within the grid's width. */
function positionTag(tag: HTMLElement, container: HTMLElement, { x, y }: { x: number; y: number }): void {
  const left = Math.max(0, Math.min(x - tag.offsetWidth / 2, container.clientWidth - tag.offsetWidth));
  const above = y - tag.offsetHeight - 14;
  tag.style.transform = `translate(${Math.round(left)}px, ${Math.round(above < 0 ? y + 14 : above)}px)`;
}
