import { formatSigned, formatValue } from './format.ts';
import { type MapCell, type MapFrame, valueAt } from './mapFrame.ts';

/** A cell's value in words. */
export interface GridReading {
  value: string;
  /** The map's name. */
  name: string;
  place: string;
}

export function readingOf(frame: MapFrame, cell: MapCell, nameOf: (map: number) => string): GridReading {
  const value = valueAt(frame, cell);
  return {
    value: frame.colors === 'sign' ? formatSigned(value) : formatValue(value),
    name: nameOf(cell.map),
    place: `row ${cell.row}, column ${cell.column}`,
  };
}
