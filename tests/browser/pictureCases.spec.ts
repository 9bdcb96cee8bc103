import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { drawnDigits } from '../page/digits.ts';
import { expect, openLab, visitedTest as test } from '../page/fixtures.ts';
import { goldenBase64 } from '../page/golden.ts';
import { png, sevenOnPaper } from '../page/pictures.ts';

/** Pictures made with common tools, and the digits that a person reads in each. */
const CASES: [file: string, digit: number, remark?: RegExp][] = [
  ['two_dust.png', 2],
  ['two_frame.png', 2],
  ['two_photo_light_falls_off.jpg', 2],
  ['two_photo_pencil.jpg', 2],
  ['two_photo_soft_OK.jpg', 2],
  ['3_matte.gif', 3],
  ['2_gradient.png', 2],
  ['two.avif', 2],
  ['two.bmp', 2],
  ['anim_blankfirst.gif', 2, /frame 2 is used, the first with ink/],
  ['noxmlns.svg', 2, /does not declare xmlns/],
  ['two_exif6.jpg', 2],
  ['two_cmyk.jpg', 2],
  ['two_la_white.png', 2],
];

const panelOf = (page: Page) => page.locator('#activations');

async function choose(page: Page, name: string, buffer: Buffer): Promise<void> {
  const input = panelOf(page).locator('input[type=file]');
  await input.setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
}

/** The network's prediction for the image in focus, once the image has this name. */
async function readingOf(page: Page, name: string): Promise<number | undefined> {
  await page.waitForFunction(
    (wanted) => {
      const opened = window.lab.opened();
      return opened?.name === wanted && opened.activations !== undefined;
    },
    name,
    { polling: 50 },
  );
  return page.evaluate(() => window.lab.opened()?.activations?.prediction);
}

test('typical pictures are read correctly, and several digits are offered', { tag: '@full' }, async ({
  lab,
  site,
}) => {
  await openLab(lab, site);
  await lab.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    await window.lab.loadParameters(bytes);
  }, goldenBase64('model_trained.safetensors'));
  const panel = panelOf(lab);
  await panel.scrollIntoViewIfNeeded();
  await panel.getByRole('application', { name: /Draw here/ }).waitFor();

  for (const [file, digit, remark] of CASES) {
    await choose(lab, file, readFileSync(new URL(`../cases/pictures/${file}`, import.meta.url)));
    expect(await readingOf(lab, file), file).toBe(digit);
    if (remark) await expect(panel, file).toContainText(remark);
  }
  const steps = panel.getByRole('region', { name: 'From the picture to 28 by 28' });
  await choose(lab, 'framed.png', readFileSync(new URL('../cases/pictures/two_frame.png', import.meta.url)));
  expect(await readingOf(lab, 'framed.png')).toBe(2);
  await expect(steps).toContainText('frame or surroundings');
  await expect(steps).toContainText('dark, shown light');

  // The panel says how many digits there are, and shows each.
  await choose(lab, 'row.png', rowOfDigits([4, 7, 3]));
  expect(await readingOf(lab, 'row.png, digit 1 of 3')).toBe(4);
  await expect(steps).toContainText('3 digits are in this picture');
  await steps.getByRole('radio', { name: 'Digit 1 of 3' }).focus();
  await lab.keyboard.press('ArrowRight');
  expect(await readingOf(lab, 'row.png, digit 2 of 3')).toBe(7);
  await lab.keyboard.press('ArrowRight');
  expect(await readingOf(lab, 'row.png, digit 3 of 3')).toBe(3);

  // A manual crop, by keys or by a drag, leaves one digit, and can be undone.
  await steps.getByRole('button', { name: 'Crop manually' }).click();
  const crop = steps.getByRole('application', { name: /^Crop/ });
  await crop.focus();
  for (let i = 0; i < 34; i++) await lab.keyboard.press('Shift+ArrowLeft');
  await expect(crop).toHaveAccessibleName(/columns 0 to 128 of 400/);
  expect(await readingOf(lab, 'row.png')).toBe(4);
  const box = await crop.boundingBox();
  if (!box) throw new Error('expected the crop in view');
  await lab.mouse.move(box.x + 0.36 * box.width, box.y + 2);
  await lab.mouse.down();
  await lab.mouse.move(box.x + 0.66 * box.width, box.y + box.height - 2);
  await lab.mouse.up();
  await lab.waitForFunction(() => window.lab.opened()?.activations?.prediction === 7);
  await steps.getByRole('button', { name: 'Whole picture' }).click();
  expect(await readingOf(lab, 'row.png, digit 1 of 3')).toBe(4);

  // Declaring dark ink on white as light keeps the image and shows an explanation.
  await choose(lab, 'seven.png', png(sevenOnPaper()));
  expect(await readingOf(lab, 'seven.png')).toBe(7);
  await panel.getByText('Light', { exact: true }).click();
  await expect(panel.getByRole('alert').filter({ hasText: 'switch' })).toBeVisible();
  expect(await readingOf(lab, 'seven.png')).toBe(7);
});

/** Drawn digits side by side, black on white. */
function rowOfDigits(digits: number[]): Buffer {
  const [slot, radius] = [180, 6];
  const strokes = digits.map((wanted, i) => {
    const drawn = drawnDigits().find(({ digit }) => digit === wanted)?.strokes ?? [];
    const points = drawn.flat();
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const scale = 120 / (Math.max(...ys) - Math.min(...ys));
    const place = ([x, y]: [number, number]): [number, number] => [
      slot * i + 40 + scale * (x - Math.min(...xs)),
      30 + scale * (y - Math.min(...ys)),
    ];
    return drawn.map((stroke) => stroke.map(place));
  });
  const segments = strokes
    .flat()
    .flatMap((stroke) => stroke.slice(1).map((end, i) => [stroke[i], end] as const));
  const near = (x: number, y: number) =>
    segments.some(([[x0, y0], [x1, y1]]) => {
      const length = (x1 - x0) ** 2 + (y1 - y0) ** 2;
      const along = Math.min(1, Math.max(0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length));
      return Math.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0)) < radius;
    });
  return png({
    width: slot * digits.length,
    height: 180,
    at: (x, y) => (near(x, y) ? [20, 20, 20, 255] : [250, 250, 250, 255]),
  });
}
