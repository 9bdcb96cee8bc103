import { onPrint } from '../drawing/onPrint.ts';

const waiting = new Set<() => void>();
let scheduled = false;

/** Schedules a separate task after the next frame, so that drawing does not lengthen the frame's own task. */
function schedule(): void {
  scheduled = true;
  requestAnimationFrame(() => setTimeout(drawNext));
}

function drawNext(): void {
  const [draw] = waiting;
  scheduled = false;
  if (!draw) return;
  waiting.delete(draw);
  if (waiting.size > 0) schedule();
  draw();
}

// Paper does not wait for further frames.
onPrint((isPrinting) => {
  if (!isPrinting) return;
  for (const draw of waiting) {
    waiting.delete(draw);
    draw();
  }
});

/**
 * Runs slow drawings one per animation frame, so that several charts that change together do not block the page. Returns a
 * function that cancels the drawing.
 */
export function drawInTurn(draw: () => void): () => void {
  waiting.add(draw);
  if (!scheduled) schedule();
  return () => {
    waiting.delete(draw);
  };
}
