import type { Raster } from '../../../src/ml/pictures/gray.ts';
import { type Chance, numberIn } from './chance.ts';
import type { Digit } from './digitSources.ts';

export interface Scene {
  width: number;
  height: number;
  /** Red, green and blue from 0 to 1, and alpha. */
  pixels: Float32Array;
}

export interface Ground {
  width?: number;
  height?: number;
  paper?: Color;
  ink?: Color;
  /** The digit's box as shares of the shorter side. */
  size?: number;
  alpha?: number;
}

export type Color = readonly [number, number, number];

export const WHITE: Color = [0.98, 0.98, 0.97];
export const BLACK: Color = [0.1, 0.1, 0.11];

export function sceneOf(digits: readonly Digit[], chance: Chance, ground: Ground = {}): Scene {
  const { width = 300, height = 240, paper = WHITE, ink = BLACK, size = 0.75, alpha = 1 } = ground;
  const pixels = new Float32Array(4 * width * height);
  for (let i = 0; i < width * height; i++) pixels.set([...paper, alpha], 4 * i);
  const scene = { width, height, pixels };
  const slot = width / digits.length;
  for (const [place, digit] of digits.entries()) {
    const side = size * Math.min(slot, height);
    const left = slot * place + chance() * (slot - side);
    const top = chance() * (height - side);
    paintDigit(scene, digit, { left, top, side, ink });
  }
  return scene;
}

export function paintDigit(
  { width, height, pixels }: Scene,
  digit: Digit,
  { left, top, side, ink }: { left: number; top: number; side: number; ink: Color },
): void {
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(height, top + side); y++) {
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(width, left + side); x++) {
      const covered = digit.ink((x + 0.5 - left) / side, (y + 0.5 - top) / side);
      const at = 4 * (y * width + x);
      for (let c = 0; c < 3; c++) pixels[at + c] += covered * (ink[c] - pixels[at + c]);
      pixels[at + 3] += covered * (1 - pixels[at + 3]);
    }
  }
}

/** Changes every color depending on its position. */
export function shade(scene: Scene, factor: (x: number, y: number) => number): Scene {
  const { width, height, pixels } = scene;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const f = factor(x / width, y / height);
      for (let c = 0; c < 3; c++) pixels[4 * (y * width + x) + c] *= f;
    }
  }
  return scene;
}

export function paint(scene: Scene, x: number, y: number, color: Color, share = 1): void {
  if (x < 0 || y < 0 || x >= scene.width || y >= scene.height) return;
  const at = 4 * (Math.floor(y) * scene.width + Math.floor(x));
  for (let c = 0; c < 3; c++) scene.pixels[at + c] += share * (color[c] - scene.pixels[at + c]);
  scene.pixels[at + 3] = Math.max(share, scene.pixels[at + 3]);
}

export function noisy(scene: Scene, chance: Chance, sigma: number): Scene {
  for (let i = 0; i < scene.pixels.length; i += 4) {
    const normal = Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
    for (let c = 0; c < 3; c++) scene.pixels[i + c] += sigma * normal;
  }
  return scene;
}

export function blurred(scene: Scene): Scene {
  const { width, height, pixels } = scene;
  const before = pixels.slice();
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let v = -1; v <= 1; v++)
          for (let u = -1; u <= 1; u++) sum += before[4 * ((y + v) * width + x + u) + c];
        pixels[4 * (y * width + x) + c] = sum / 9;
      }
    }
  }
  return scene;
}

/** Rounds each block of 8 x 8 pixels like JPEG. */
export function jpegLike(scene: Scene, quality: number): Scene {
  const { width, height, pixels } = scene;
  const basis = Array.from({ length: 8 }, (_, k) =>
    Array.from(
      { length: 8 },
      (__, n) => Math.sqrt((k ? 2 : 1) / 8) * Math.cos((Math.PI * (2 * n + 1) * k) / 16),
    ),
  );
  for (let c = 0; c < 3; c++) {
    for (let top = 0; top + 8 <= height; top += 8) {
      for (let left = 0; left + 8 <= width; left += 8) {
        const at = (x: number, y: number) => 4 * ((top + y) * width + left + x) + c;
        const coefficients = basis.map((rows, v) =>
          basis.map((columns, u) => {
            let sum = 0;
            for (let y = 0; y < 8; y++)
              for (let x = 0; x < 8; x++) sum += rows[y] * columns[x] * pixels[at(x, y)];
            const step = (quality * (8 + 6 * (u + v))) / 255;
            return step * Math.round(sum / step);
          }),
        );
        for (let y = 0; y < 8; y++) {
          for (let x = 0; x < 8; x++) {
            let sum = 0;
            for (let v = 0; v < 8; v++)
              for (let u = 0; u < 8; u++) sum += basis[v][y] * basis[u][x] * coefficients[v][u];
            pixels[at(x, y)] = sum;
          }
        }
      }
    }
  }
  return scene;
}

export function rasterOf({ width, height, pixels }: Scene): Raster {
  return { data: Uint8ClampedArray.from(pixels, (value) => 255 * value), width, height };
}

export function falloff(chance: Chance, darkest: number) {
  const angle = 2 * Math.PI * chance();
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
  return (x: number, y: number) => {
    const along = 0.5 + (dx * (x - 0.5) + dy * (y - 0.5)) / (Math.abs(dx) + Math.abs(dy));
    return darkest + (1 - darkest) * along;
  };
}

export function shadow(chance: Chance, softness: number) {
  const angle = 2 * Math.PI * chance();
  const [dx, dy, offset, depth] = [
    Math.cos(angle),
    Math.sin(angle),
    numberIn(chance, -0.2, 0.2),
    numberIn(chance, 0.5, 0.75),
  ];
  return (x: number, y: number) => {
    const side = dx * (x - 0.5) + dy * (y - 0.5) - offset;
    return depth + (1 - depth) / (1 + Math.exp(-side / softness));
  };
}
