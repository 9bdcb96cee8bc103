import { type Chance, numberIn, oneOf } from './chance.ts';
import type { Digit } from './digitSources.ts';
import { BLACK, type Color, falloff, noisy, paint, paintDigit, type Scene, sceneOf, WHITE } from './scene.ts';

/** Faults of pictures as people have them: paper with lines, frames, windows, dust, stickers, tables. */

const LINES: readonly Color[] = [
  [0.62, 0.75, 0.92],
  [0.7, 0.7, 0.72],
  [0.85, 0.6, 0.6],
  [0.55, 0.75, 0.65],
  [0.45, 0.55, 0.8],
];

/** Lines across the paper, drawn where there is no ink yet. */
export function ruled(
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

export function rulingOf(chance: Chance, pitch: number) {
  return {
    pitch,
    color: oneOf(chance, LINES),
    thickness: numberIn(chance, 1, 2.2),
    slope: numberIn(chance, -0.04, 0.04),
    start: chance() * pitch,
  };
}

export function squared(scene: Scene, chance: Chance, pitch: number): Scene {
  const ruling = rulingOf(chance, pitch);
  return ruled(ruled(scene, ruling), ruling, true);
}

export function framed(scene: Scene, chance: Chance): Scene {
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
export function windowShot(scene: Scene, chance: Chance): Scene {
  const { width, height, pixels } = scene;
  const [radius, bar] = [numberIn(chance, 6, 14), Math.round(numberIn(chance, 14, 24))];
  const clear = chance() < 0.5;
  const margin = clear ? 0 : Math.round(numberIn(chance, 4, 20));
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

export function speckled(scene: Scene, chance: Chance, count: number): Scene {
  for (let i = 0; i < count; i++) {
    const side = 1 + Math.floor(4 * chance());
    const [x0, y0] = [chance() * scene.width, chance() * scene.height];
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) paint(scene, x0 + x, y0 + y, [0.05, 0.05, 0.05], 1);
  }
  return scene;
}

/** A rim of another color around the opaque area, with no partial transparency, as in a GIF or a die-cut sticker. */
export function rimmed(scene: Scene, rim: number, color: Color, hard: boolean): Scene {
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

export function manyTones(scene: Scene, chance: Chance): Scene {
  const light = falloff(chance, 0);
  const [dark, bright] = [0.05, numberIn(chance, 0.5, 0.66)];
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
export function onTable(digit: Digit, chance: Chance): Scene {
  const table: Color = oneOf(chance, [
    [0.35, 0.24, 0.16],
    [0.12, 0.12, 0.13],
    [0.5, 0.45, 0.4],
  ] as const);
  const paper: Color = [0.88, 0.87, 0.84];
  const scene = sceneOf([], chance, { width: 300, height: 400, paper: table });
  const angle = numberIn(chance, -0.1, 0.1);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [w, h] = [numberIn(chance, 170, 230), numberIn(chance, 240, 320)];
  const side = 0.7 * w;
  const [left, top] = [(w - side) * chance() - w / 2, (h - side) * chance() - h / 2];
  for (let y = 0; y < 400; y++) {
    for (let x = 0; x < 300; x++) {
      const [dx, dy] = [x - 150, y - 200];
      const [u, v] = [cos * dx + sin * dy, cos * dy - sin * dx];
      if (Math.abs(u) > w / 2 || Math.abs(v) > h / 2) continue;
      const [p, q] = [(u - left) / side, (v - top) / side];
      const covered = p >= 0 && q >= 0 && p < 1 && q < 1 ? digit.ink(p, q) : 0;
      const [red, green, blue] = paper.map((value) => value + covered * (0.15 - value));
      paint(scene, x, y, [red, green, blue]);
    }
  }
  return noisy(scene, chance, 0.015);
}

/** Cropped to the ink, with a margin of two pixels. */
export function tightly(digit: Digit): Scene {
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
