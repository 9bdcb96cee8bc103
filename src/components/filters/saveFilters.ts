import type { TheirFilters } from './ComparedFilters.tsx';
import { type FilterHistory, kernelSide } from './filterHistory.ts';
import { type FilterSide, reordered, weightsOf } from './filterOrder.ts';
import { saveFilterPng } from './filterPicture.ts';

interface SavedFilters {
  history: FilterHistory;
  order: readonly number[];
  sides: FilterSide[];
  titles: Record<FilterSide, string>;
  across: number;
  step: number;
  theirs?: TheirFilters;
}

/** Saves the filters as they are drawn: each side, and those of the compared run where they have the same form. */
export async function saveFilters(saved: SavedFilters): Promise<void> {
  const { history, order, sides, titles, across, step, theirs } = saved;
  const shown = history.shown();
  if (!shown)
    throw new Error('Save as PNG: expected filters to draw, found none. Wait until the network is ready.');
  const grids = sides.map((side) => ({
    title: titles[side],
    weights: reordered(weightsOf(history, side) ?? shown.weight, order),
  }));
  // The picture needs one kernel size and one list of names.
  if (theirs && theirs.weight.length === shown.weight.length && theirs.bias.length === order.length) {
    grids.push({ title: theirs.title, weights: reordered(theirs.weight, order) });
  }
  const side = kernelSide(shown);
  await saveFilterPng(
    {
      title: `${order.length} filters`,
      grids,
      names: order.map(String),
      rows: side,
      columns: side,
      scale: history.scale,
      quantity: 'weight',
      across,
    },
    `filters-step-${step}.png`,
  );
}
