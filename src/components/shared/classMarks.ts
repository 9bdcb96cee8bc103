import type { ColorName } from './colors.ts';

/** The mark of a class: a shape as well as a color. */
export interface ClassMark {
  color: ColorName;
  /** Plotly's symbol name, valid in 2-D and 3-D charts; 3-D has fewer shapes, and its x is missing from most fonts. */
  symbol: string;
  spaceSymbol: string;
  /** The same shape as a character, for legends. */
  glyph: string;
}

const marks: readonly ClassMark[] = [
  { color: 'class-0', symbol: 'circle', spaceSymbol: 'circle', glyph: '●' },
  { color: 'class-1', symbol: 'square', spaceSymbol: 'square', glyph: '■' },
  { color: 'class-2', symbol: 'diamond', spaceSymbol: 'diamond', glyph: '◆' },
  { color: 'class-3', symbol: 'triangle-up', spaceSymbol: 'cross', glyph: '▲' },
  { color: 'class-4', symbol: 'triangle-down', spaceSymbol: 'circle', glyph: '▼' },
  { color: 'class-5', symbol: 'circle-open', spaceSymbol: 'circle-open', glyph: '○' },
  { color: 'class-6', symbol: 'square-open', spaceSymbol: 'square-open', glyph: '□' },
  { color: 'class-7', symbol: 'diamond-open', spaceSymbol: 'diamond-open', glyph: '◇' },
  { color: 'class-8', symbol: 'cross', spaceSymbol: 'cross', glyph: '✚' },
  { color: 'class-9', symbol: 'x', spaceSymbol: 'square', glyph: '✖' },
];

export function classMark(label: number): ClassMark {
  return marks[label % marks.length];
}
