import { type KeyboardEvent, type PointerEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import { onThemeChange } from '../context/theme.ts';
import { drawing } from '../drawing/drawing.ts';
import { formatSigned, formatValue } from './format.ts';
import { GridPainter } from './gridPainter.ts';
import styles from './ImageGrid.module.css';
import { type MapBox, type MapCell, type MapFrame, type MapSource, mapCount, valueAt } from './mapFrame.ts';

interface ImageGridProps {
  label: string;
  /** A still frame, or a source that is read without React whenever it is drawn. */
  maps: MapFrame | MapSource;
  /** A map's name: "filter 7". */
  nameOf: (map: number) => string;
  /** Maps per row; by default as many as give maps a good size. */
  across?: number;
  gap?: number;
  /** Largest side of a map in CSS pixels. */
  largestMap?: number;
  selected?: number;
  onSelect?: (map: number, cell: MapCell) => void;
  /** A map to highlight because a person points at its unit in another panel. */
  highlighted?: number;
  /** Cells to outline. */
  box?: MapBox;
  /** The cell under the pointer or the cursor. */
  onPoint?: (cell: MapCell | undefined) => void;
  /** Height to reserve before the first frame. */
  emptyHeight?: number;
}

/**
 * Small maps on one canvas. The pointer and the arrow keys show a cell's exact value and coordinates; Enter or a click
 * selects its map.
 */
export function ImageGrid(props: ImageGridProps) {
  const { label, maps, nameOf, across, gap = 4, largestMap = 96, selected, onSelect, highlighted } = props;
  const { box, emptyHeight } = props;
  const wrapper = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<GridPainter>(undefined);
  const tag = useRef<HTMLDivElement>(null);
  const spoken = useRef<HTMLParagraphElement>(null);
  const repaint = useRef<() => void>(() => {});
  const [cursor, setCursor] = useState<MapCell>();
  const hint = useId();

  const latest = useRef({ across, gap, largestMap, selected, highlighted, box, cursor, nameOf });

  // Draw outside React, so that a new frame causes no render.
  useLayoutEffect(() => {
    if (!canvas.current || !wrapper.current) return;
    painter.current ??= new GridPainter(canvas.current);
    const grid = painter.current;
    const container = wrapper.current;
    // Reading the layout in every frame would be slow.
    let width = container.clientWidth;
    const draw = () => {
      const frame = read(maps);
      if (!frame || width === 0) return;
      const { across, gap, largestMap, cursor, nameOf, ...marks } = latest.current;
      grid.paint(frame, width, { across, gap, largestMap }, { ...marks, cursor });
      if (cursor && tag.current && cursor.map < mapCount(frame)) {
        const { value, name, place } = readingOf(frame, cursor, nameOf);
        const strong = document.createElement('strong');
        strong.textContent = value;
        tag.current.replaceChildren(strong, `${name}, ${place}`);
        positionTag(tag.current, container, grid.place(cursor));
      }
    };
    const drawer = drawing.add(draw, { element: container });
    const schedule = drawer.request;
    repaint.current = schedule;
    draw();
    const observer = new ResizeObserver(([entry]) => {
      width = entry.contentRect.width;
      schedule();
    });
    observer.observe(container);
    const unsubscribe = isSource(maps) ? maps.subscribe(schedule) : undefined;
    const stopTheme = onThemeChange(schedule);
    return () => {
      drawer.remove();
      observer.disconnect();
      unsubscribe?.();
      stopTheme();
    };
  }, [maps]);

  useLayoutEffect(() => {
    latest.current = { across, gap, largestMap, selected, highlighted, box, cursor, nameOf };
    repaint.current();
  });

  const point = (cell: MapCell | undefined, from: 'pointer' | 'keys') => {
    setCursor(cell);
    props.onPoint?.(cell);
    const frame = read(maps);
    if (cell && frame && from === 'keys' && spoken.current) {
      const { value, name, place } = readingOf(frame, cell, nameOf);
      spoken.current.textContent = `${value}, ${name}, ${place}`;
    }
  };

  const track = (event: PointerEvent) => {
    if (!canvas.current || !painter.current) return;
    const box = canvas.current.getBoundingClientRect();
    const cell = painter.current.cellAt(event.clientX - box.left, event.clientY - box.top);
    if (!sameCell(cell, cursor)) point(cell, 'pointer');
  };

  const steer = (event: KeyboardEvent) => {
    const frame = read(maps);
    if (!painter.current || !frame || event.altKey || event.ctrlKey || event.metaKey) return;
    const here: MapCell = cursor ?? { map: selected ?? 0, row: 0, column: 0 };
    const last = mapCount(frame) - 1;
    const grid = painter.current;
    const moves: Record<string, MapCell> = {
      ArrowUp: grid.neighbor(here, -1, 0),
      ArrowDown: grid.neighbor(here, 1, 0),
      ArrowLeft: grid.neighbor(here, 0, -1),
      ArrowRight: grid.neighbor(here, 0, 1),
      PageUp: { ...here, map: Math.max(0, here.map - 1) },
      PageDown: { ...here, map: Math.min(last, here.map + 1) },
      Home: { map: 0, row: 0, column: 0 },
      End: { map: last, row: 0, column: 0 },
    };
    if (event.key in moves) {
      event.preventDefault();
      point(moves[event.key], 'keys');
    } else if ((event.key === 'Enter' || event.key === ' ') && onSelect) {
      event.preventDefault();
      onSelect(here.map, here);
    } else if (event.key === 'Escape') {
      point(undefined, 'keys');
    }
  };

  return (
    <div
      ref={wrapper}
      className={`${styles.grid} ${onSelect ? styles.selectable : ''}`}
      style={{ minHeight: emptyHeight }}
      role="application"
      aria-roledescription="image grid"
      aria-label={label}
      aria-describedby={hint}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move a cursor over the cells
      tabIndex={0}
      onKeyDown={steer}
      onFocus={(event) => {
        if (event.currentTarget.matches(':focus-visible') && !cursor) {
          point({ map: selected ?? 0, row: 0, column: 0 }, 'keys');
        }
      }}
      onBlur={() => point(undefined, 'keys')}
      onPointerMove={track}
      onPointerLeave={() => point(undefined, 'pointer')}
      onPointerDown={track}
      onClick={(event) => {
        const box = canvas.current?.getBoundingClientRect();
        const cell = box && painter.current?.cellAt(event.clientX - box.left, event.clientY - box.top);
        if (cell) onSelect?.(cell.map, cell);
      }}
    >
      <canvas ref={canvas} className={styles.canvas} />
      <div ref={tag} className={styles.tag} hidden={!cursor} aria-hidden="true" />
      <p id={hint} className="visually-hidden">
        Arrow keys move from value to value, Page Up and Page Down from map to map
        {onSelect ? ', Enter opens a map.' : '.'}
      </p>
      <p ref={spoken} className="visually-hidden" role="status" />
    </div>
  );
}

function isSource(maps: MapFrame | MapSource): maps is MapSource {
  return 'subscribe' in maps;
}

function read(maps: MapFrame | MapSource): MapFrame | undefined {
  return isSource(maps) ? maps.read() : maps;
}

function sameCell(a: MapCell | undefined, b: MapCell | undefined): boolean {
  return a?.map === b?.map && a?.row === b?.row && a?.column === b?.column;
}

function readingOf(frame: MapFrame, cell: MapCell, nameOf: (map: number) => string) {
  const value = valueAt(frame, cell);
  return {
    value: frame.colors === 'sign' ? formatSigned(value) : formatValue(value),
    name: nameOf(cell.map),
    place: `row ${cell.row}, column ${cell.column}`,
  };
}

/** Places the readout above the cell if there is room, otherwise below, within the grid's width. */
function positionTag(tag: HTMLElement, container: HTMLElement, { x, y }: { x: number; y: number }): void {
  const left = Math.max(0, Math.min(x - tag.offsetWidth / 2, container.clientWidth - tag.offsetWidth));
  const above = y - tag.offsetHeight - 14;
  tag.style.transform = `translate(${Math.round(left)}px, ${Math.round(above < 0 ? y + 14 : above)}px)`;
}
