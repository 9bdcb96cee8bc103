import type { Page } from '@playwright/test';
import { violations } from '../page/axe.ts';
import { expect, openLab, visitedTest as test } from '../page/fixtures.ts';

const sheetOf = (page: Page) => page.getByRole('complementary', { name: /^Lesson/ });

async function begin(page: Page, title: string, step: string): Promise<void> {
  await page.getByRole('button', { name: 'Learn' }).click();
  await page.getByRole('button', { name: new RegExp(`^(Begin|Continue) ${title}$`) }).click();
  await expect(sheetOf(page)).toHaveAttribute('data-lesson-step', step);
  await expect(sheetOf(page).locator('[aria-busy="true"]')).toHaveCount(0);
}

async function leave(page: Page): Promise<void> {
  await sheetOf(page).getByRole('button', { name: 'Leave the lesson' }).click();
  await expect(sheetOf(page)).toHaveCount(0);
}

const labOf = (page: Page) =>
  page.evaluate(() => {
    const { settings, step, status } = window.lab.state;
    return { seed: settings.seed, step, status };
  });

test('a run in training is paused and comes back with the panels’ choices', { tag: '@full' }, async ({
  lab,
  site,
}) => {
  await openLab(lab, site);
  const layer = lab.locator('#spectrum').getByRole('radio', { name: 'conv', exact: true });
  await lab.locator('#spectrum').scrollIntoViewIfNeeded();
  await layer.check();
  await lab.evaluate(() => void window.lab.train({ engine: 'wasm', seed: 5 }));
  await lab.waitForFunction(() => window.lab.state.step > 20);
  await begin(lab, 'What a spectrum says', 'cloud');
  expect(await labOf(lab)).toMatchObject({ step: 9370 });
  await expect(lab.locator('#spectrum').getByRole('radio', { name: 'fc', exact: true })).toBeChecked();
  await leave(lab);
  const back = await labOf(lab);
  expect(back.seed).toBe(5);
  expect(back.status).not.toBe('training');
  expect(back.step).toBeGreaterThan(20);
  expect(back.step).toBeLessThan(9370);
  await expect(layer).toBeChecked();
});

test('a reload keeps the lesson open and the own run waiting', { tag: '@full' }, async ({ lab, site }) => {
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 5, maxSteps: 30 }));
  await begin(lab, 'What a spectrum says', 'cloud');
  await sheetOf(lab).getByRole('button', { name: 'This is my guess' }).click();
  await sheetOf(lab).getByRole('button', { name: 'Next' }).click();
  await expect(sheetOf(lab)).toHaveAttribute('data-lesson-step', 'pixels');
  await lab.reload();
  await expect(sheetOf(lab)).toHaveAttribute('data-lesson-step', 'pixels');
  await expect(sheetOf(lab).locator('[aria-busy="true"]')).toHaveCount(0);
  await expect.poll(() => labOf(lab)).toMatchObject({ step: 9370 });
  await leave(lab);
  await expect.poll(() => labOf(lab)).toMatchObject({ seed: 5, step: 30 });
});

test('a lesson begins its own run beside one of the same settings, and continues it later', {
  tag: '@full',
}, async ({ lab, site }) => {
  await openLab(lab, site);
  await lab.evaluate(() => window.lab.train({ engine: 'wasm', seed: 111, maxSteps: 30 }));
  await begin(lab, 'A network learns', 'start');
  expect(await labOf(lab)).toMatchObject({ seed: 111, step: 0 });
  await sheetOf(lab).getByLabel('About 10').check();
  await sheetOf(lab).getByRole('button', { name: 'Next' }).click();
  await expect(sheetOf(lab)).toHaveAttribute('data-lesson-step', 'first-steps');
  await lab.evaluate(() => window.lab.train({ maxSteps: 12 }));
  await sheetOf(lab).getByRole('button', { name: 'This is my guess' }).click();
  await leave(lab);
  await expect.poll(() => labOf(lab)).toMatchObject({ seed: 111, step: 30 });
  await begin(lab, 'A network learns', 'first-steps');
  await expect.poll(() => labOf(lab)).toMatchObject({ seed: 111, step: 12 });
  await leave(lab);
  await expect.poll(() => labOf(lab)).toMatchObject({ seed: 111, step: 30 });
});

test('an untrained lab and a recorded moment come back', { tag: '@full' }, async ({ lab, site }) => {
  await lab.goto(`${site.url}#v=1&seed=9&lr=2e-3`);
  await lab.waitForFunction(() => window.lab !== undefined);
  await lab.evaluate(() => window.lab.ready);
  await begin(lab, 'What a spectrum says', 'cloud');
  await leave(lab);
  expect(await labOf(lab)).toMatchObject({ seed: 9, step: 0 });
  expect(await lab.evaluate(() => window.lab.state.settings.learningRate)).toBe('2e-3');

  await lab.goto('about:blank');
  await lab.goto(`${site.url}#v=1&run=recorded&at=937`);
  await expect(lab.getByText('Recorded run, step 937')).toBeVisible();
  await begin(lab, 'A network learns', 'start');
  expect(await labOf(lab)).toMatchObject({ step: 0 });
  await leave(lab);
  await expect(lab.getByText('Recorded run, step 937')).toBeVisible();
  expect(await labOf(lab)).toMatchObject({ step: 9370 });
});

test('the list of lessons and a sheet are accessible, and the keyboard does a step', {
  tag: '@full',
}, async ({ lab, site }) => {
  await lab.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await openLab(lab, site);
  await lab.getByRole('button', { name: 'Learn' }).click();
  await expect(lab.getByRole('dialog', { name: 'Learn' })).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await lab.emulateMedia({ colorScheme });
    await expect.poll(() => violations(lab, { part: 'dialog[open]' }), colorScheme).toEqual([]);
  }
  await lab.keyboard.press('Escape');
  await begin(lab, 'A network learns', 'start');
  const heading = sheetOf(lab).getByRole('heading', { level: 2 });
  await expect(heading).toBeFocused();
  await lab.keyboard.press('Tab');
  await expect(sheetOf(lab).getByLabel('About 0')).toBeFocused();
  await lab.keyboard.press('ArrowDown');
  await expect(sheetOf(lab).getByLabel('About 10')).toBeChecked();
  for (const colorScheme of ['dark', 'light'] as const) {
    await lab.emulateMedia({ colorScheme });
    await expect.poll(() => violations(lab, { part: 'aside' }), colorScheme).toEqual([]);
  }
  await lab.keyboard.press('Tab');
  await expect(sheetOf(lab).getByRole('button', { name: 'Next' })).toBeFocused();
  await lab.keyboard.press('Enter');
  await expect(sheetOf(lab)).toHaveAttribute('data-lesson-step', 'first-steps');
  await expect(heading).toBeFocused();
});
