import { currentTheme, type Theme, useTheme } from '../context/theme.ts';
import { parseRgb, type Rgb } from './rgb.ts';

/** Tokens that canvases and charts need as plain colors. */
const names = [
  'page',
  'panel',
  'raised',
  'line',
  'line-strong',
  'ink',
  'muted',
  'faint',
  'focus',
  'negative',
  'zero',
  'positive',
  'train',
  'train-raw',
  'test',
  'danger',
  'class-0',
  'class-1',
  'class-2',
  'class-3',
  'class-4',
  'class-5',
  'class-6',
  'class-7',
  'class-8',
  'class-9',
] as const;

export type ColorName = (typeof names)[number];
/** Every token as `rgb(...)` in the current theme. */
export type Colors = Readonly<Record<ColorName, string>>;

const cache = new Map<Theme, Colors>();

/** The tokens' values in the current theme. */
export function readColors(): Colors {
  const theme = currentTheme();
  const known = cache.get(theme);
  if (known) return known;
  // Reading a custom property returns light-dark() unresolved; a real color property resolves it.
  const probes = document.createElement('div');
  for (const name of names) {
    const probe = document.createElement('span');
    probe.style.color = `var(--${name})`;
    // High-contrast mode would give all of them the same color.
    probe.style.forcedColorAdjust = 'none';
    probes.append(probe);
  }
  document.body.append(probes);
  const colors = Object.fromEntries(
    names.map((name, i) => [name, getComputedStyle(probes.children[i]).color]),
  ) as Record<ColorName, string>;
  probes.remove();
  cache.set(theme, colors);
  return colors;
}

/** The tokens' values; re-renders when the theme changes. */
export function useColors(): Colors {
  useTheme();
  return readColors();
}

/** Limits of a color scale; for the sign colors `low` is `-high`. */
export interface Scale {
  low: number;
  high: number;
}

export type ColorMap = 'sign' | 'gray';

const steps = 256;

const tables = new WeakMap<Colors, Partial<Record<ColorMap, Uint32Array>>>();

/** A table of 2 x 256 + 1 colors from low to high, as little-endian RGBA for ImageData. */
export function colorTable(map: ColorMap, colors: Colors): Uint32Array {
  const known = tables.get(colors) ?? {};
  tables.set(colors, known);
  known[map] ??= makeTable(map, colors);
  return known[map];
}

function makeTable(map: ColorMap, colors: Colors): Uint32Array {
  const gray = (level: number): Rgb => [level, level, level];
  const stops: Rgb[] =
    map === 'sign'
      ? [parseRgb(colors.negative), parseRgb(colors.zero), parseRgb(colors.positive)]
      : [gray(0), gray(128), gray(255)];
  return Uint32Array.from({ length: 2 * steps + 1 }, (_, i) => {
    const [from, to] = i < steps ? [stops[0], stops[1]] : [stops[1], stops[2]];
    const share = i < steps ? i / steps : (i - steps) / steps;
    const [red, green, blue] = from.map((value, channel) =>
      Math.round(value + (to[channel] - value) * share),
    );
    return (255 << 24) | (blue << 16) | (green << 8) | red;
  });
}

/** Index into `colorTable`. Values beyond the limits take the color of the nearest end; NaN takes the middle color. */
export function colorIndex(value: number, { low, high }: Scale): number {
  const share = (value - low) / (high - low);
  if (Number.isNaN(share)) return steps;
  return Math.round(Math.min(1, Math.max(0, share)) * 2 * steps);
}

/** One color of the scale as `rgb(...)`, for DOM cells. */
export function colorOf(value: number, scale: Scale, table: Uint32Array): string {
  const packed = table[colorIndex(value, scale)];
  return `rgb(${packed & 255} ${(packed >> 8) & 255} ${(packed >> 16) & 255})`;
}

/** Black or white, whichever has more contrast with the color (WCAG relative luminance). */
export function inkOn(color: string): '#000' | '#fff' {
  const [red, green, blue] = parseRgb(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000' : '#fff';
}
