import type { Raster } from '../../../src/ml/pictures/gray.ts';
import { rasterizeStrokes } from '../../../src/ml/pictures/strokes.ts';
import { drawnDigits } from '../../browser/digits.ts';
import { mnist } from '../engines/golden.ts';

/** Pictures of digits as people have them, random but always the same; each kind has its own fault. */

export interface Sample {
  digit: number;
  raster: Raster;
}

/** The ink at a point of the digit's box, both coordinates from 0 to 1. */
export interface Digit {
  digit: number;
  ink(u: number, v: number): number;
}

/** Pseudorandom numbers from 0 to 1 (mulberry32). */
export function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Digits of MNIST's test set, enlarged smoothly, and drawings with a pen. */
export function digitSources(): Digit[] {
  const { images, labels } = mnist('t10k', 40);
  const written = Array.from(labels, (digit, index): Digit => {
    const at = (x: number, y: number) =>
      x < 0 || y < 0 || x > 27 || y > 27 ? 0 : images[index * 784 + y * 28 + x] / 255;
    return { digit, ink: (u, v) => sharpened(between(at, 28 * u - 0.5, 28 * v - 0.5)) };
  });
  const drawn = drawnDigits().map(({ digit, strokes }): Digit => {
    const side = 280;
    const { data } = rasterizeStrokes(
      strokes.map((stroke) => stroke.flat()),
      { side, pen: 0.055 },
    );
    const at = (x: number, y: number) =>
      x < 0 || y < 0 || x >= side || y >= side ? 0 : data[4 * (y * side + x)] / 255;
    return { digit, ink: (u, v) => between(at, side * u - 0.5, side * v - 0.5) };
  });
  return [...written, ...drawn];
}

function sharpened(value: number): number {
  return Math.min(1, Math.max(0, (value - 0.25) * 2));
}

function between(at: (x: number, y: number) => number, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, low] = [x - left, y - top];
  return (
    (1 - low) * ((1 - right) * at(left, top) + right * at(left + 1, top)) +
    low * ((1 - right) * at(left, top + 1) + right * at(left + 1, top + 1))
  );
}

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

type Color = readonly [number, number, number];
type Chance = () => number;

const WHITE: Color = [0.98, 0.98, 0.97];
const BLACK: Color = [0.1, 0.1, 0.11];

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

function paintDigit(
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
function shade(scene: Scene, factor: (x: number, y: number) => number): Scene {
  const { width, height, pixels } = scene;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const f = factor(x / width, y / height);
      for (let c = 0; c < 3; c++) pixels[4 * (y * width + x) + c] *= f;
    }
  }
  return scene;
}

function paint(scene: Scene, x: number, y: number, color: Color, share = 1): void {
  if (x < 0 || y < 0 || x >= scene.width || y >= scene.height) return;
  const at = 4 * (Math.floor(y) * scene.width + Math.floor(x));
  for (let c = 0; c < 3; c++) scene.pixels[at + c] += share * (color[c] - scene.pixels[at + c]);
  scene.pixels[at + 3] = Math.max(share, scene.pixels[at + 3]);
}

function noisy(scene: Scene, chance: Chance, sigma: number): Scene {
  for (let i = 0; i < scene.pixels.length; i += 4) {
    const normal = Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
    for (let c = 0; c < 3; c++) scene.pixels[i + c] += sigma * normal;
  }
  return scene;
}

function blurred(scene: Scene): Scene {
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

/** Lines across the paper, drawn where there is no ink yet. */
function ruled(
  scene: Scene,
  {
    pitch,
    color,
    thickness,
    slope,
    start,
  }: { pitch: number; color: Color; thickness: number; slope: number; start: number },
  upright = false,
): Scene {
  const { width, height } = scene;
  const darker = (x: number, y: number, share: number) => {
    const at = 4 * (y * width + x);
    for (let c = 0; c < 3; c++) {
      const line = scene.pixels[at + c] * (1 - share) + share * color[c];
      scene.pixels[at + c] = Math.min(scene.pixels[at + c], line);
    }
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const across = (upright ? x : y) + slope * (upright ? -y : x) - start;
      const distance = Math.abs(across - pitch * Math.round(across / pitch));
      const share = Math.min(1, Math.max(0, thickness / 2 + 0.5 - distance));
      if (share > 0) darker(x, y, share);
    }
  }
  return scene;
}

/** Rounds each block of 8 x 8 pixels like JPEG. */
function jpegLike(scene: Scene, quality: number): Scene {
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

const between2 = (chance: Chance, low: number, high: number) => low + chance() * (high - low);
const oneOf = <T>(chance: Chance, items: readonly T[]): T => items[Math.floor(chance() * items.length)];

function falloff(chance: Chance, darkest: number) {
  const angle = 2 * Math.PI * chance();
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
  return (x: number, y: number) => {
    const along = 0.5 + (dx * (x - 0.5) + dy * (y - 0.5)) / (Math.abs(dx) + Math.abs(dy));
    return darkest + (1 - darkest) * along;
  };
}

function shadow(chance: Chance, softness: number) {
  const angle = 2 * Math.PI * chance();
  const [dx, dy, offset, depth] = [
    Math.cos(angle),
    Math.sin(angle),
    between2(chance, -0.2, 0.2),
    between2(chance, 0.5, 0.75),
  ];
  return (x: number, y: number) => {
    const side = dx * (x - 0.5) + dy * (y - 0.5) - offset;
    return depth + (1 - depth) / (1 + Math.exp(-side / softness));
  };
}

const photo: Ground = {
  width: 300,
  height: 400,
  paper: [0.82, 0.79, 0.72],
  ink: [0.2, 0.2, 0.22],
  size: 0.6,
};
const LINES: readonly Color[] = [
  [0.62, 0.75, 0.92],
  [0.7, 0.7, 0.72],
  [0.85, 0.6, 0.6],
  [0.55, 0.75, 0.65],
  [0.45, 0.55, 0.8],
];

function rulingOf(chance: Chance, pitch: number) {
  return {
    pitch,
    color: oneOf(chance, LINES),
    thickness: between2(chance, 1, 2.2),
    slope: between2(chance, -0.04, 0.04),
    start: chance() * pitch,
  };
}

function squared(scene: Scene, chance: Chance, pitch: number): Scene {
  const ruling = rulingOf(chance, pitch);
  return ruled(ruled(scene, ruling), ruling, true);
}

function framed(scene: Scene, chance: Chance): Scene {
  const thickness = 1 + Math.floor(5 * chance());
  const inset = chance() < 0.5 ? 0 : Math.floor(6 * chance());
  const color = oneOf(chance, [BLACK, [0.4, 0.4, 0.45], [0.2, 0.3, 0.7]] as const);
  const { width, height } = scene;
  for (let y = inset; y < height - inset; y++) {
    for (let x = inset; x < width - inset; x++) {
      const depth = Math.min(x, y, width - 1 - x, height - 1 - y) - inset;
      if (depth < thickness) paint(scene, x, y, color);
    }
  }
  return scene;
}

/** A window's title bar, its three buttons, a hairline around it and rounded corners, clear or on a desktop. */
function windowShot(scene: Scene, chance: Chance): Scene {
  const { width, height, pixels } = scene;
  const [radius, bar] = [between2(chance, 6, 14), Math.round(between2(chance, 14, 24))];
  const clear = chance() < 0.5;
  const margin = clear ? 0 : Math.round(between2(chance, 4, 20));
  const desktop: Color = oneOf(chance, [
    [0.2, 0.35, 0.6],
    [0.1, 0.1, 0.1],
    [0.75, 0.6, 0.5],
  ] as const);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [Math.min(x, width - 1 - x) - margin, Math.min(y, height - 1 - y) - margin];
      const outside =
        u < 0 || v < 0 || (u < radius && v < radius && Math.hypot(radius - u, radius - v) > radius);
      if (outside) {
        if (clear) pixels.fill(0, 4 * (y * width + x), 4 * (y * width + x) + 4);
        else paint(scene, x, y, desktop);
      } else if (u < 1 || v < 1) paint(scene, x, y, [0.7, 0.7, 0.7]);
      else if (y - margin < bar) paint(scene, x, y, [0.88, 0.88, 0.89]);
    }
  }
  const buttons: Color[] = [
    [1, 0.37, 0.34],
    [1, 0.74, 0.18],
    [0.16, 0.78, 0.25],
  ];
  for (const [i, color] of buttons.entries()) {
    const [x0, y0] = [margin + 14 + 14 * i, margin + bar / 2];
    for (let y = -4; y <= 4; y++)
      for (let x = -4; x <= 4; x++) if (Math.hypot(x, y) < 4.3) paint(scene, x0 + x, y0 + y, color);
  }
  return scene;
}

function speckled(scene: Scene, chance: Chance, count: number): Scene {
  for (let i = 0; i < count; i++) {
    const side = 1 + Math.floor(4 * chance());
    const [x0, y0] = [chance() * scene.width, chance() * scene.height];
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) paint(scene, x0 + x, y0 + y, [0.05, 0.05, 0.05], 1);
  }
  return scene;
}

/** A rim of another color around the opaque area, with no partial transparency, as in a GIF or a die-cut sticker. */
function rimmed(scene: Scene, rim: number, color: Color, hard: boolean): Scene {
  const { width, height, pixels } = scene;
  const alpha = Float32Array.from({ length: width * height }, (_, i) => pixels[4 * i + 3]);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let near = 0;
      for (let v = -rim; v <= rim; v++) {
        for (let u = -rim; u <= rim; u++) {
          if (Math.hypot(u, v) > rim + 0.3 || x + u < 0 || y + v < 0 || x + u >= width || y + v >= height)
            continue;
          near = Math.max(near, alpha[(y + v) * width + x + u]);
        }
      }
      const at = 4 * (y * width + x);
      const own = alpha[y * width + x];
      for (let c = 0; c < 3; c++) pixels[at + c] = own * pixels[at + c] + (1 - own) * color[c];
      pixels[at + 3] = hard ? (near > 0.5 ? 1 : 0) : near;
      if (pixels[at + 3] === 0) pixels.fill(0, at, at + 3);
    }
  }
  return scene;
}

function manyTones(scene: Scene, chance: Chance): Scene {
  const light = falloff(chance, 0);
  const [dark, bright] = [0.05, between2(chance, 0.5, 0.66)];
  const { width, height, pixels } = scene;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      const tone = dark + (bright - dark) * light(x / width, y / height);
      const paper = WHITE;
      for (let c = 0; c < 3; c++) {
        const share = (paper[c] - pixels[at + c]) / (paper[c] - BLACK[c]);
        pixels[at + c] = paper[c] + share * (tone - paper[c]);
      }
    }
  }
  return scene;
}

/** A slightly rotated sheet on a table. */
function onTable(digit: Digit, chance: Chance): Scene {
  const table: Color = oneOf(chance, [
    [0.35, 0.24, 0.16],
    [0.12, 0.12, 0.13],
    [0.5, 0.45, 0.4],
  ] as const);
  const paper: Color = [0.88, 0.87, 0.84];
  const scene = sceneOf([], chance, { width: 300, height: 400, paper: table });
  const angle = between2(chance, -0.1, 0.1);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [w, h] = [between2(chance, 170, 230), between2(chance, 240, 320)];
  const side = 0.7 * w;
  const [left, top] = [(w - side) * chance() - w / 2, (h - side) * chance() - h / 2];
  for (let y = 0; y < 400; y++) {
    for (let x = 0; x < 300; x++) {
      const [dx, dy] = [x - 150, y - 200];
      const [u, v] = [cos * dx + sin * dy, cos * dy - sin * dx];
      if (Math.abs(u) > w / 2 || Math.abs(v) > h / 2) continue;
      const [p, q] = [(u - left) / side, (v - top) / side];
      const covered = p >= 0 && q >= 0 && p < 1 && q < 1 ? digit.ink(p, q) : 0;
      paint(scene, x, y, [0, 1, 2].map((c) => paper[c] + covered * (0.15 - paper[c])) as unknown as Color);
    }
  }
  return noisy(scene, chance, 0.015);
}

/** Cropped to the ink, with a margin of two pixels. */
function tightly(digit: Digit): Scene {
  const side = 160;
  const [xs, ys]: [number[], number[]] = [[], []];
  for (let v = 0; v < 1; v += 0.01) {
    for (let u = 0; u < 1; u += 0.01) {
      if (digit.ink(u, v) < 0.1) continue;
      xs.push(u);
      ys.push(v);
    }
  }
  const [left, top] = [2 - side * Math.min(...xs), 2 - side * Math.min(...ys)];
  const width = Math.ceil(side * Math.max(...xs) + left + 3);
  const height = Math.ceil(side * Math.max(...ys) + top + 3);
  const scene = sceneOf([], () => 0, { width, height });
  paintDigit(scene, digit, { left, top, side, ink: BLACK });
  return scene;
}

/** Every kind draws one or several digits with its own fault. */
export const kinds: Record<string, (digit: Digit, chance: Chance) => Scene> = {
  plain: (digit, chance) => sceneOf([digit], chance),
  'light ink on dark': (digit, chance) =>
    sceneOf([digit], chance, { paper: [0.12, 0.2, 0.16], ink: [0.9, 0.92, 0.88] }),
  'light that falls off': (digit, chance) =>
    noisy(shade(sceneOf([digit], chance, photo), falloff(chance, between2(chance, 0.3, 0.6))), chance, 0.012),
  vignette: (digit, chance) =>
    noisy(
      shade(sceneOf([digit], chance, photo), (x, y) => 1 - 1.2 * ((x - 0.5) ** 2 + (y - 0.5) ** 2)),
      chance,
      0.012,
    ),
  'hard shadow': (digit, chance) =>
    noisy(shade(sceneOf([digit], chance, photo), shadow(chance, 0.004)), chance, 0.01),
  'soft shadow': (digit, chance) =>
    noisy(shade(sceneOf([digit], chance, photo), shadow(chance, 0.03)), chance, 0.01),
  pencil: (digit, chance) => {
    const ink = between2(chance, 0.45, 0.62);
    const lit = shade(sceneOf([digit], chance, { ...photo, ink: [ink, ink, ink] }), falloff(chance, 0.75));
    return noisy(lit, chance, 0.02);
  },
  'ruled paper': (digit, chance) =>
    ruled(sceneOf([digit], chance), rulingOf(chance, between2(chance, 18, 60))),
  'squared paper': (digit, chance) => squared(sceneOf([digit], chance), chance, between2(chance, 9, 40)),
  'pencil on ruled paper': (digit, chance) => {
    const scene = sceneOf([digit], chance, { ...photo, paper: [0.95, 0.95, 0.93], ink: [0.45, 0.45, 0.47] });
    return noisy(ruled(scene, rulingOf(chance, between2(chance, 20, 50))), chance, 0.015);
  },
  'dark lines': (digit, chance) =>
    ruled(sceneOf([digit], chance), {
      ...rulingOf(chance, between2(chance, 25, 70)),
      color: BLACK,
      thickness: 1.5,
    }),
  frame: (digit, chance) => framed(sceneOf([digit], chance, { size: 0.6 }), chance),
  window: (digit, chance) => windowShot(sceneOf([digit], chance, { size: 0.55 }), chance),
  'dust and specks': (digit, chance) =>
    speckled(sceneOf([digit], chance), chance, 1 + Math.floor(12 * chance())),
  noise: (digit, chance) => noisy(sceneOf([digit], chance), chance, between2(chance, 0.03, 0.1)),
  sticker: (digit, chance) =>
    rimmed(
      sceneOf([digit], chance, { alpha: 0, paper: [0, 0, 0], size: 0.65 }),
      Math.round(between2(chance, 2, 6)),
      WHITE,
      false,
    ),
  'light sticker with a dark rim': (digit, chance) =>
    rimmed(
      sceneOf([digit], chance, { alpha: 0, paper: [0, 0, 0], ink: [0.95, 0.9, 0.4], size: 0.65 }),
      Math.round(between2(chance, 1, 3)),
      BLACK,
      false,
    ),
  matte: (digit, chance) =>
    rimmed(
      sceneOf([digit], chance, { alpha: 0, paper: [0, 0, 0] }),
      1,
      oneOf(chance, [WHITE, [0.6, 0.6, 0.6]] as const),
      true,
    ),
  'ink of several tones': (digit, chance) => manyTones(sceneOf([digit], chance), chance),
  'transparent ink of several tones': (digit, chance) => {
    const scene = sceneOf([digit], chance, { alpha: 0, paper: [0.5, 0.5, 0.5] });
    const light = falloff(chance, 0);
    for (let i = 0; i < scene.width * scene.height; i++) {
      scene.pixels.fill(
        0.05 + 0.75 * light((i % scene.width) / scene.width, i / scene.width / scene.height),
        4 * i,
        4 * i + 3,
      );
    }
    return scene;
  },
  JPEG: (digit, chance) => jpegLike(sceneOf([digit], chance), between2(chance, 1, 3)),
  'sheet on a table': onTable,
  'tight crop': (digit) => tightly(digit),
  small: (digit, chance) => {
    const side = Math.round(between2(chance, 30, 64));
    return sceneOf([digit], chance, { width: side + 8, height: side, size: 0.9 });
  },
  phone: (digit, chance) => {
    const scene = sceneOf([digit], chance, { ...photo, paper: [0.9, 0.89, 0.86], ink: [0.22, 0.24, 0.38] });
    const onLines =
      chance() < 0.5
        ? ruled(scene, rulingOf(chance, between2(chance, 20, 40)))
        : squared(scene, chance, between2(chance, 14, 30));
    const lit = shade(
      shade(onLines, falloff(chance, between2(chance, 0.5, 0.8))),
      shadow(chance, between2(chance, 0.01, 0.05)),
    );
    return jpegLike(noisy(blurred(lit), chance, 0.012), 0.7);
  },
};
