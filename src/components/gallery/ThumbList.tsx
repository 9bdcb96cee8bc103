import {
  type FocusEvent,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { LabImage } from '../../lab/images/labImage.ts';
import { ImageThumb } from '../shared/ImageThumb.tsx';
import { moveOf } from '../shared/moveOf.ts';
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
  const size = useSize(box);
  const [top, setTop] = useState(0);
  const { across, rows, stride, poolRows, positions, first, end } = placesOf({ count, size, top });
  const rendered = useGrowing(poolRows, size.height > 0) * across;
  const { active, handlers } = useThumbKeys({ box, count, across, height: size.height, setTop });

  return (
    <section
      ref={box}
      className={styles.list}
      aria-label={label}
      {...handlers}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <div className={styles.room} style={{ height: rows * rowHeight }}>
        {positions.map(
          (position, place) =>
            position < Math.min(end, first + rendered) && (
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

interface Size {
  width: number;
  height: number;
}

function useSize(box: RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return size;
}

/** Which thumbnails are rendered, and where: those in view, with spare rows above and below. */
function placesOf({ count, size, top }: { count: number; size: Size; top: number }) {
  const across = Math.max(1, Math.floor((size.width + gap) / (thumb + gap)));
  const rows = Math.ceil(count / across);
  const stride = across > 1 ? (size.width - thumb) / (across - 1) : 0;
  const firstRow = Math.max(0, Math.min(Math.floor(top / rowHeight), rows) - spareRows);
  const lastRow = Math.min(rows, Math.ceil((top + size.height) / rowHeight) + spareRows);
  const first = firstRow * across;
  // Elements are recycled a row at a time: a row that scrolls out is reused for a row that scrolls in, and no element
  // moves.
  const poolRows = Math.ceil(size.height / rowHeight) + 2 * spareRows + 1;
  const pool = Math.min(count, poolRows * across);
  const positions = Array.from(
    { length: pool },
    (_, place) => first + ((((place - first) % pool) + pool) % pool),
  );
  return { across, rows, stride, poolRows, positions, first, end: Math.min(lastRow * across, count) };
}

/** The number of rows to render: a few more in each frame at first. */
function useGrowing(rows: number, isMeasured: boolean): number {
  const [grown, setGrown] = useState(growth);
  useEffect(() => {
    if (grown >= rows || !isMeasured) return;
    const frame = requestAnimationFrame(() => setGrown(grown + growth));
    return () => cancelAnimationFrame(frame);
  }, [grown, rows, isMeasured]);
  return grown;
}

interface ThumbKeys {
  box: RefObject<HTMLElement | null>;
  count: number;
  across: number;
  height: number;
  setTop: (top: number) => void;
}

/** The arrow keys move the focus from thumbnail to thumbnail, and scroll where it leaves the view. */
function useThumbKeys({ box, count, across, height, setTop }: ThumbKeys) {
  const [current, setCurrent] = useState(0);
  const active = Math.min(current, Math.max(0, count - 1));
  const focusWanted = useRef(false);

  // The thumbnail that the keys moved to may be rendered only after scrolling.
  useEffect(() => {
    if (!focusWanted.current) return;
    const element = box.current?.querySelector<HTMLElement>(`[data-position="${active}"]`);
    if (!element) return;
    focusWanted.current = false;
    element.focus({ preventScroll: true });
  });

  const move = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLElement) || event.target.dataset.position === undefined) return;
    const page = Math.max(1, Math.floor(height / rowHeight)) * across;
    const wanted = moveOf(event, {
      ArrowLeft: active - 1,
      ArrowRight: active + 1,
      ArrowUp: active - across,
      ArrowDown: active + across,
      PageUp: active - page,
      PageDown: active + page,
      Home: 0,
      End: count - 1,
    });
    if (wanted === undefined) return;
    event.preventDefault();
    const next = Math.min(count - 1, Math.max(0, wanted));
    if (box.current) setTop(scrolledTo(box.current, Math.floor(next / across) * rowHeight));
    focusWanted.current = true;
    setCurrent(next);
  };
  const noteFocus = ({ target }: FocusEvent<HTMLElement>) => {
    if (target.dataset.position !== undefined) setCurrent(Number(target.dataset.position));
  };
  return { active, handlers: { onKeyDown: move, onFocus: noteFocus } };
}

/** Scrolls a row into view, as little as possible, and returns how far the list is then scrolled. */
function scrolledTo(list: HTMLElement, rowTop: number): number {
  const lowest = rowTop + rowHeight - list.clientHeight;
  list.scrollTop = Math.min(rowTop, Math.max(lowest, list.scrollTop));
  return list.scrollTop;
}
