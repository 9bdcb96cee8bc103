import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const SOURCE = 'src/components';
/** The classes of figures and sentences that belong to an earlier step than the page shows. */
const OUTDATED = /\.(stale|dimmed|outdated)\b/;

const tokens = new Map(
  [
    ...readFileSync('src/styles/tokens.css', 'utf8').matchAll(
      /--([\w-]+): (?:light-dark\()?(#\w{6})(?:, (#\w{6}))?/g,
    ),
  ].map(([, name, light, dark = light]) => [name, { light, dark }]),
);

/** The style rules of outdated content, with their declarations. */
const rules = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.module.css'))
  .flatMap((file) => {
    const text = readFileSync(`${SOURCE}/${file}`, 'utf8').replace(/\/\*.*?\*\//gs, '');
    return [...text.matchAll(/([^{}]+)\{([^{}]*)\}/g)]
      .filter(([, selector]) => OUTDATED.test(selector))
      .map(([, selector, declarations]) => ({ name: `${file} ${selector.trim()}`, declarations }));
  });

/** Relative luminance of a color such as `#4c5961`, by WCAG 2. */
function luminanceOf(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((place) => {
    const share = Number.parseInt(color.slice(place, place + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(token: string, theme: 'light' | 'dark'): number {
  const [first, second] = [token, 'panel'].map((name) => {
    const color = tokens.get(name)?.[theme];
    if (!color) throw new Error(`expected a color --${name} in tokens.css, found none`);
    return luminanceOf(color);
  });
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
}

describe('outdated content', () => {
  it('is marked in every panel whose results take longer than a step, and in charts', () => {
    const rooms = new Set(rules.map(({ name }) => name.split('/')[0]));
    expect([...rooms].sort()).toEqual(['confusion', 'gallery', 'geometry', 'shared', 'spectrum']);
  });

  it.each(rules)('keeps a contrast of 4.5:1 for text and 3:1 for lines: $name', ({ declarations }) => {
    // Each of these would weaken the colors of what is inside.
    expect(declarations).not.toMatch(/opacity|filter|mix|mask/);
    for (const theme of ['light', 'dark'] as const) {
      for (const [, property, token] of declarations.matchAll(/([\w-]+):[^;]*var\(--([\w-]+)\)/g)) {
        if (property === 'color') expect(contrast(token, theme), theme).toBeGreaterThanOrEqual(4.5);
        if (/^(outline|border)$/.test(property))
          expect(contrast(token, theme), theme).toBeGreaterThanOrEqual(3);
      }
    }
  });

  it('keeps a contrast of 4.5:1 in the ink of all text on a panel', () => {
    for (const theme of ['light', 'dark'] as const) {
      for (const ink of ['ink', 'muted', 'train', 'test', 'negative-text', 'positive-text']) {
        expect(contrast(ink, theme), `${ink}, ${theme}`).toBeGreaterThanOrEqual(4.5);
      }
      for (let digit = 0; digit < 10; digit++) {
        expect(contrast(`class-${digit}`, theme), `class-${digit}, ${theme}`).toBeGreaterThanOrEqual(4.5);
      }
    }
  });
});
