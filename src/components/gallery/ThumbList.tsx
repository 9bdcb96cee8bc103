import { type FocusEvent, type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { LabImage } from '../../lab/images/labImage.ts';
import { ImageThumb } from '../shared/ImageThumb.tsx';
import styles from './ThumbList.module.css';

interface ThumbListProps {
  label: string;
  count: number;
  imageAt: (position: number) => LabImage;
  predictionOf: (position: number) => number | undefined;
}

/** Sizes in CSS pixels; the caption is one line of small text. */
const thumb = 48;
const gap = 6;
const rowHeight = thumb + 16 + gap;
const spareRows = 2;
/** Rows added per frame at first; adding all at once would block the page. */
const growth = 2;

/** A list of thumbnails that renders only those in view. Arrow keys move, Enter opens a thumbnail's menu. */
export function ThumbList({ label, count, imageAt, predictionOf }: ThumbListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [top, setTop] = useState(0);
  const [current, setCurrent] = useState(0);
  const [grown, setGrown] = useState(growth);
  const focusWanted = useRef(false);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const across = Math.max(1, Math.floor((size.width + gap) / (thumb + gap)));
  const rows = Math.ceil(count / across);
  const stride = across > 1 ? (size.width - thumb) / (across - 1) : 0;
  const active = Math.min(current, Math.max(0, count - 1));
  const firstRow = Math.max(0, Math.min(Math.floor(top / rowHeight), rows) - spareRows);
  const lastRow = Math.min(rows, Math.ceil((top + size.height) / rowHeight) + spareRows);
  const first = firstRow * across;
  const shown = Math.max(0, Math.min(lastRow * across, count) - first);
  // Elements are recycled a row at a time: a row that scrolls out is reused for a row that scrolls in, and no element
  // moves.
  const poolRows = Math.ceil(size.height / rowHeight) + 2 * spareRows + 1;
  const pool = Math.min(count, poolRows * across);
  const positions = Array.from(
    { length: pool },
    (_, place) => first + ((((place - first) % pool) + pool) % pool),
  );

  useEffect(() => {
    if (grown >= poolRows || size.height === 0) return;
    const frame = requestAnimationFrame(() => setGrown(grown + growth));
    return () => cancelAnimationFrame(frame);
  }, [grown, poolRows, size.height]);

  // The thumbnail that the keys moved to may be rendered only after scrolling.
  useEffect(() => {
    if (!focusWanted.current) return;
    const element = box.current?.querySelector<HTMLElement>(`[data-position="${active}"]`);
    if (!element) return;
    focusWanted.current = false;
    element.focus({ preventScroll: true });
  });

  const noteFocus = ({ target }: FocusEvent<HTMLElement>) => {
    if (target.dataset.position !== undefined) setCurrent(Number(target.dataset.position));
  };

  const move = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(size.height / rowHeight)) * across;
    const moves: Record<string, number> = {
      ArrowLeft: active - 1,
      ArrowRight: active + 1,
      ArrowUp: active - across,
      ArrowDown: active + across,
      PageUp: active - page,
      PageDown: active + page,
      Home: 0,
      End: count - 1,
    };
    const onThumb = event.target instanceof HTMLElement && event.target.dataset.position !== undefined;
    if (!onThumb || !(event.key in moves) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = Math.min(count - 1, Math.max(0, moves[event.key]));
    const element = box.current;
    if (element) {
      const rowTop = Math.floor(next / across) * rowHeight;
      const lowest = rowTop + rowHeight - element.clientHeight;
      element.scrollTop = Math.min(rowTop, Math.max(lowest, element.scrollTop));
      setTop(element.scrollTop);
    }
    focusWanted.current = true;
    setCurrent(next);
  };

  return (
    <section
      ref={box}
      className={styles.list}
      aria-label={label}
      onKeyDown={move}
      onFocus={noteFocus}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <div className={styles.room} style={{ height: rows * rowHeight }}>
        {positions.map(
          (position, place) =>
            position < first + Math.min(shown, grown * across) && (
              <div
                // biome-ignore lint/suspicious/noArrayIndexKey: elements are recycled by index
                key={place}
                className={styles.place}
                style={{
                  left: (position % across) * stride,
                  top: Math.floor(position / across) * rowHeight,
                }}
              >
                <ImageThumb
                  image={imageAt(position)}
                  prediction={predictionOf(position)}
                  size={thumb}
                  caption
                  position={position}
                  tabIndex={position === active ? 0 : -1}
                />
              </div>
            ),
        )}
      </div>
    </section>
  );
}
