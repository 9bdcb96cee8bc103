import { useCallback, useState } from 'react';
import type { InspectedImages } from '../../lab/images/imageInspection.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import type { MapBox } from '../shared/mapFrame.ts';
import { pointAtFilter } from '../shared/pointed.ts';
import { activationsOf } from './activationMaps.ts';
import { imageWindow, type Unit } from './unitSum.ts';

type PointedUnit = Omit<Unit, 'image'> & { image?: string };

/** The unit whose computation is shown, in a layer until a person points at another; `point` points at one. */
export function useShownUnit(inspected: InspectedImages | undefined, layer: string | undefined) {
  const { store } = useLabHandle().imageInspection;
  const [unit, setUnit] = useState<PointedUnit>();
  const point = useCallback(
    (next: Unit | undefined) => {
      const { inspected } = store.getState();
      // Only maps of the first convolution belong to a filter of the Filters panel.
      pointAtFilter(next && inspected && imageWindow(inspected, next) ? next.map : undefined);
      // The last unit stays selected when the pointer leaves, so that a person can read its numbers.
      if (next) setUnit(next);
    },
    [store],
  );
  const shown = inspected && layer !== undefined ? shownUnit(inspected, layer, unit) : undefined;
  return { shown, point, forget: useCallback(() => setUnit(undefined), []) };
}

/** The unit under the pointer, or the strongest unit of the image in focus until a person points at one. */
function shownUnit(inspected: InspectedImages, layer: string, unit: PointedUnit | undefined): Unit {
  const focus = inspected.images[0].id;
  const isKnown = unit !== undefined && inspected.inspection.layers[unit.layer] !== undefined;
  if (unit && isKnown) {
    const known = inspected.images.some(({ id }) => id === unit.image);
    return { ...unit, image: known && unit.image ? unit.image : focus };
  }
  const values = activationsOf(inspected, 0, layer) ?? new Float32Array(1);
  const [, rows = 1, columns = 1] = inspected.inspection.layers[layer].shape.slice(1);
  const strongest = values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
  const map = Math.floor(strongest / (rows * columns));
  const cell = strongest % (rows * columns);
  return { image: focus, layer, map, row: Math.floor(cell / columns), column: cell % columns };
}

/** The unit's receptive window in the image in focus. */
export function boxOf(inspected: InspectedImages, unit: Unit): MapBox | undefined {
  const box = unit.image === inspected.images[0].id ? imageWindow(inspected, unit) : undefined;
  return box && { map: 0, ...box };
}
