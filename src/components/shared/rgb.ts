import { CallError } from '../../ml/callError.ts';
export type Rgb = readonly [number, number, number];

export function parseRgb(color: string): Rgb {
  const parts = color.match(/\d+(\.\d+)?/g);
  if (!parts || parts.length < 3) throw new CallError('parseRgb', `expected rgb(r, g, b), found "${color}"`);
  return [Number(parts[0]), Number(parts[1]), Number(parts[2])];
}
