import { useId, useState } from 'react';
import styles from './ImageGrid.module.css';
import type { MapBox, MapCell, MapFrame, MapSource } from './mapFrame.ts';
import { useGridCursor } from './useGridCursor.ts';
import { useGridDrawing } from './useGridDrawing.ts';

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
  const { label, emptyHeight, onSelect, onPoint, maps, gap = 4, largestMap = 96, ...marks } = props;
  const [cursor, setCursor] = useState<MapCell>();
  const hint = useId();
  const look = { gap, largestMap, ...marks, cursor };
  const { wrapper, tag, canvas, painter } = useGridDrawing(maps, look);
  const { spoken, handlers } = useGridCursor({
    ...look,
    ...{ maps, onSelect, onPoint, setCursor, canvas, painter },
  });
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
      {...handlers}
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
