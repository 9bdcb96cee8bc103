import { type RefObject, useEffect, useRef } from 'react';
import { clearedCanvas } from '../painter/clearedCanvas.ts';
import { keepDrawn } from '../shared/keepDrawn.ts';
import { textLook } from '../shared/paintText.ts';
import { useLatest } from '../shared/useLatest.ts';
import styles from './ConfusionMatrix.module.css';

export interface CellNumber {
  text: string;
  color: string;
}

interface CellNumbersProps {
  table: RefObject<HTMLTableElement | null>;
  /** [true classes, predicted classes], row-major. */
  numbers: readonly CellNumber[];
}

/**
 * Paints the numbers of all cells on a canvas over the table. Used in training, because the browser lays out the page for
 * every new text in the document.
 */
export function CellNumbers({ table, numbers }: CellNumbersProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useLatest(numbers);
  const request = useRef<() => void>(() => {});

  useEffect(() => {
    const { current: paper } = canvas;
    const { current: element } = table;
    if (!paper || !element) return;
    let known: { width: number; height: number; places: readonly Place[]; font: string } | undefined;
    const drawn = keepDrawn(element, {
      draw({ width, height }) {
        // Reading places may lay out the page, so they are read for a new size only.
        if (known?.width !== width || known.height !== height) {
          known = { width, height, ...placesIn(element, paper) };
        }
        const context = clearedCanvas(paper, width, height);
        if (!context) return;
        context.font = known.font;
        context.textAlign = 'center';
        context.textBaseline = 'middle';
        for (const [i, { x, y }] of known.places.entries()) {
          const { text, color } = latest.current[i] ?? { text: '', color: '' };
          context.fillStyle = color;
          context.fillText(text, x, y);
        }
      },
    });
    request.current = drawn.request;
    return drawn.stop;
  }, [table, latest]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: new numbers are drawn anew
  useEffect(() => request.current(), [numbers]);

  return <canvas ref={canvas} className={styles.numbers} />;
}

interface Place {
  x: number;
  y: number;
}

/** The centers of the table's cells on the canvas, and the cells' font. */
function placesIn(table: HTMLTableElement, canvas: HTMLCanvasElement) {
  const { left, top } = canvas.getBoundingClientRect();
  const cells = [...table.querySelectorAll('td > button')];
  const places = cells.map((cell): Place => {
    const box = cell.getBoundingClientRect();
    return { x: box.left + box.width / 2 - left, y: box.top + box.height / 2 - top };
  });
  return { places, font: cells[0] ? textLook(cells[0]).font : '' };
}
