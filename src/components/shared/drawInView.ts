import type { DrawerOptions } from '../drawing/budget.ts';
import { drawing } from '../drawing/drawing.ts';
import { drawInTurn } from './drawInTurn.ts';

interface Options extends DrawerOptions {
  /** Whether to draw in a task of its own, because drawing takes long or much is drawn at the same time. Default: true. */
  inTurn?: boolean;
}

/** Draws once, within the budget; returns a function that cancels the drawing. */
export function drawInView({ inTurn = true, ...options }: Options, draw: () => void): () => void {
  let cancel = () => {};
  const drawer = drawing.add(() => {
    if (inTurn && !drawing.isPrinting) cancel = drawInTurn(draw);
    else draw();
  }, options);
  drawer.request();
  return () => {
    cancel();
    drawer.remove();
  };
}
