import { formatSigned, formatValue } from './format.ts';
import { type MapCell, type MapFrame, valuesAt } from './mapFrame.ts';

/** A cell's value in words. */
export interface GridReading {
  value: string;
  /** The map's name. */
  name: string;
  place: string;
}

export function readingOf(frame: MapFrame, cell: MapCell, nameOf: (map: number) => string): GridReading {
  const values = valuesAt(frame, cell);
  const format = frame.colors === 'sign' ? formatSigned : formatValue;
  const [red, green, blue] = values.map((value) => format(value));
  return {
    value: frame.isColor ? `red ${red}, green ${green}, blue ${blue}` : red,
    name: nameOf(cell.map),
    place: `row ${cell.row}, column ${cell.column}`,
  };
}
