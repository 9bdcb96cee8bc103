const waiting = new Set<() => void>();
let request = 0;

function drawNext(): void {
  const [draw] = waiting;
  waiting.delete(draw);
  request = waiting.size > 0 ? requestAnimationFrame(drawNext) : 0;
  draw();
}

/**
 * Runs costly drawings one per animation frame, so that several charts that change together do not block the page
 * together. Returns how to call it off.
 */
export function drawInTurn(draw: () => void): () => void {
  waiting.add(draw);
  if (request === 0) request = requestAnimationFrame(drawNext);
  return () => {
    waiting.delete(draw);
    if (waiting.size === 0) {
      cancelAnimationFrame(request);
      request = 0;
    }
  };
}
