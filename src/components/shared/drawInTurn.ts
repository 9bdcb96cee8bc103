const waiting = new Set<() => void>();
let scheduled = false;

/** After a frame, in a task of its own: within the frame's task, the drawing's time would add to all that a frame does. */
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

/**
 * Runs costly drawings one per animation frame, so that several charts that change together do not block the page
 * together. Returns how to call it off.
 */
export function drawInTurn(draw: () => void): () => void {
  waiting.add(draw);
  if (!scheduled) schedule();
  return () => {
    waiting.delete(draw);
  };
}
