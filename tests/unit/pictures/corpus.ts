import { type Chance, numberIn, oneOf } from './chance.ts';
import type { Digit } from './digitSources.ts';
import {
  framed,
  manyTones,
  onTable,
  rimmed,
  ruled,
  rulingOf,
  speckled,
  squared,
  tightly,
  windowShot,
} from './faults.ts';
import {
  BLACK,
  blurred,
  falloff,
  type Ground,
  jpegLike,
  noisy,
  type Scene,
  sceneOf,
  shade,
  shadow,
  WHITE,
} from './scene.ts';

/** Pictures of digits as people have them, random but always the same; each kind has its own fault. */

const photo: Ground = {
  width: 300,
  height: 400,
  paper: [0.82, 0.79, 0.72],
  ink: [0.2, 0.2, 0.22],
  size: 0.6,
};
/** Every kind draws one or several digits with its own fault. */
export const kinds: Record<string, (digit: Digit, chance: Chance) => Scene> = {
  plain: (digit, chance) => sceneOf([digit], chance),
  'light ink on dark': (digit, chance) =>
    sceneOf([digit], chance, { paper: [0.12, 0.2, 0.16], ink: [0.9, 0.92, 0.88] }),
  'light that falls off': (digit, chance) =>
    noisy(shade(sceneOf([digit], chance, photo), falloff(chance, numberIn(chance, 0.3, 0.6))), chance, 0.012),
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
    const ink = numberIn(chance, 0.45, 0.62);
    const lit = shade(sceneOf([digit], chance, { ...photo, ink: [ink, ink, ink] }), falloff(chance, 0.75));
    return noisy(lit, chance, 0.02);
  },
  'ruled paper': (digit, chance) =>
    ruled(sceneOf([digit], chance), rulingOf(chance, numberIn(chance, 18, 60))),
  'squared paper': (digit, chance) => squared(sceneOf([digit], chance), chance, numberIn(chance, 9, 40)),
  'pencil on ruled paper': (digit, chance) => {
    const scene = sceneOf([digit], chance, { ...photo, paper: [0.95, 0.95, 0.93], ink: [0.45, 0.45, 0.47] });
    return noisy(ruled(scene, rulingOf(chance, numberIn(chance, 20, 50))), chance, 0.015);
  },
  'dark lines': (digit, chance) =>
    ruled(sceneOf([digit], chance), {
      ...rulingOf(chance, numberIn(chance, 25, 70)),
      color: BLACK,
      thickness: 1.5,
    }),
  frame: (digit, chance) => framed(sceneOf([digit], chance, { size: 0.6 }), chance),
  window: (digit, chance) => windowShot(sceneOf([digit], chance, { size: 0.55 }), chance),
  'dust and specks': (digit, chance) =>
    speckled(sceneOf([digit], chance), chance, 1 + Math.floor(12 * chance())),
  noise: (digit, chance) => noisy(sceneOf([digit], chance), chance, numberIn(chance, 0.03, 0.1)),
  sticker: (digit, chance) =>
    rimmed(
      sceneOf([digit], chance, { alpha: 0, paper: [0, 0, 0], size: 0.65 }),
      Math.round(numberIn(chance, 2, 6)),
      WHITE,
      false,
    ),
  'light sticker with a dark rim': (digit, chance) =>
    rimmed(
      sceneOf([digit], chance, { alpha: 0, paper: [0, 0, 0], ink: [0.95, 0.9, 0.4], size: 0.65 }),
      Math.round(numberIn(chance, 1, 3)),
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
  JPEG: (digit, chance) => jpegLike(sceneOf([digit], chance), numberIn(chance, 1, 3)),
  'sheet on a table': onTable,
  'tight crop': (digit) => tightly(digit),
  small: (digit, chance) => {
    const side = Math.round(numberIn(chance, 30, 64));
    return sceneOf([digit], chance, { width: side + 8, height: side, size: 0.9 });
  },
  phone: (digit, chance) => {
    const scene = sceneOf([digit], chance, { ...photo, paper: [0.9, 0.89, 0.86], ink: [0.22, 0.24, 0.38] });
    const onLines =
      chance() < 0.5
        ? ruled(scene, rulingOf(chance, numberIn(chance, 20, 40)))
        : squared(scene, chance, numberIn(chance, 14, 30));
    const lit = shade(
      shade(onLines, falloff(chance, numberIn(chance, 0.5, 0.8))),
      shadow(chance, numberIn(chance, 0.01, 0.05)),
    );
    return jpegLike(noisy(blurred(lit), chance, 0.012), 0.7);
  },
};
