import type { DrawerOptions } from '../drawing/budget.ts';
import { drawing } from '../drawing/drawing.ts';
import { drawInTurn } from './drawInTurn.ts';

/** Draws once, within the budget and in a task of its own; returns a function that cancels the drawing. */
export function drawInView(options: DrawerOptions, draw: () => void): () => void {
  let cancel = () => {};
  const drawer = drawing.add(() => {
    cancel = drawInTurn(draw);
  }, options);
  drawer.request();
  return () => {
    cancel();
    drawer.remove();
  };
}
