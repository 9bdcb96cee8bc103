import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { unzipSync } from 'fflate';
import { dropAt } from '../page/drop.ts';
import { expect, openLab, test } from '../page/fixtures.ts';

const fixture = (name: string) => resolve('tests/fixtures/data', name);

test('a person’s own pictures are previewed, taken and seen in color; activations from elsewhere open when dropped', async ({
  scripted: lab,
}) => {
  const dialog = lab.getByRole('dialog', { name: 'Your own images' });
  const chooser = lab.getByLabel('Choose files of images');
  await chooser.setInputFiles(fixture('nan.csv'));
  await expect(dialog.getByText(/row 4, column 65: expected a pixel, found "NaN"/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Close Your own images' }).click();

  await chooser.setInputFiles(fixture('folders.zip'));
  await expect(dialog.getByText(/13 color images of 8 × 10 pixels in 3 classes/)).toBeVisible();
  await expect(dialog.getByText('1 of 13 pictures are scaled and cropped to 8 × 10 pixels.')).toBeVisible();
  await expect(dialog.getByRole('list', { name: 'Some of the images' }).locator('img')).toHaveCount(13);
  await dialog.getByRole('button', { name: 'Use these images' }).click();
  await expect(dialog).toBeHidden();
  await expect(
    lab.getByText(/The network now takes images of 3 × 8 × 10 values and has 3 outputs/),
  ).toBeVisible();
  const trained = await lab.evaluate(async () => {
    await window.lab.train({ epochs: 2 });
    const { layers } = await window.lab.inspect({ split: 'test', index: 0 });
    return { input: layers.input.shape, steps: window.lab.state.step };
  });
  expect(trained).toEqual({ input: [1, 3, 8, 10], steps: 2 });
  // The decoded pictures are the fixture's, which numpy wrote: the first training image is one of them.
  const { color }: { color: number[] } = JSON.parse(readFileSync(fixture('expected.json'), 'utf8'));
  const pixels = await lab.evaluate(async () => {
    const { layers } = await window.lab.inspect({ split: 'train', index: 0 });
    return [...layers.input.data].map((value) => Math.round(255 * value));
  });
  const images = Array.from({ length: 12 }, (_, i) => color.slice(240 * i, 240 * (i + 1)).join());
  expect(images).toContain(pixels.join());

  const bytes = [...readFileSync(fixture('torchActivations.npz'))];
  await lab.evaluate((list) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([Uint8Array.from(list)], 'torchActivations.npz'));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, bytes);
  const spectrum = lab.locator('#spectrum');
  await expect(spectrum.getByText(/conv of torchActivations\.npz, 100 images/)).toBeVisible();
  const saved = async (name: string) => {
    const download = lab.waitForEvent('download');
    await spectrum.getByRole('button', { name }).click();
    const file = await download;
    return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
  };
  const picture = await saved('Save as SVG: the principal components');
  expect(picture.name).toBe('torchActivations-conv-components.svg');
  expect(picture.text).toMatch(/^<svg[\s\S]*Principal components: conv of torchActivations\.npz/);
  const numbers = await saved('Save as CSV: the singular values');
  expect(numbers.text).toMatch(/^component,singularValue,normalized,cumulativeShareOfSquares\n1,\d/);
  await spectrum.getByRole('button', { name: 'Close torchActivations.npz' }).click();
  await expect(spectrum.getByRole('button', { name: 'Close torchActivations.npz' })).toBeHidden();
  await lab.evaluate(() => window.lab.reset({ data: 'mnist', network: 'notebook' }));
});

test('a folder of class folders is read from the picker and from a drop, hidden files passed over', async ({
  scripted: lab,
}, info) => {
  // On the disk as an archive unpacks it, with macOS's and Windows's hidden files.
  const root = info.outputPath();
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(fixture('folders.zip'))))) {
    mkdirSync(join(root, dirname(name)), { recursive: true });
    writeFileSync(join(root, name), bytes);
  }
  const dialog = lab.getByRole('dialog', { name: 'Your own images' });
  const previewed = async () => {
    await expect(dialog.getByText(/13 color images of 8 × 10 pixels in 3 classes/)).toBeVisible();
    await expect(dialog.getByText('1 other file is passed over: set/notes.txt.')).toBeVisible();
    await expect(dialog.getByLabel('Name')).toHaveValue('set');
    await dialog.getByRole('button', { name: 'Close Your own images' }).click();
    await expect(dialog).toBeHidden();
  };
  await lab.getByLabel('Choose a folder of images').setInputFiles(join(root, 'set'));
  await previewed();
  await dropAt(lab, { x: 720, y: 400 }, { files: [join(root, 'set')] });
  await previewed();
});

test(
  'a dropped folder of 100,000 pictures is listed, which can be canceled, and read whole',
  {
    tag: '@full',
  },
  async ({ lab, site }, info) => {
    test.setTimeout(900_000);
    const root = info.outputPath();
    mkdirSync(root, { recursive: true });
    const made = spawnSync('python3', ['tests/fixtures/data/many.py', 'folder', root]);
    expect(String(made.stderr)).toBe('');
    await openLab(lab, site);
    const dialog = lab.getByRole('dialog', { name: 'Your own images' });
    const drop = () => dropAt(lab, { x: 720, y: 400 }, { files: [join(root, 'many')] });

    await drop();
    await expect(dialog.getByText(/^[\d,]+ files found$/)).toBeVisible();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(dialog).toBeHidden();

    const started = performance.now();
    await drop();
    await expect(dialog.getByText(/^[\d,]+ of 100,000 pictures$/)).toBeVisible({ timeout: 300_000 });
    const listed = performance.now();
    await expect(dialog.getByText(/Reading the images takes 19\.2 MB of memory/)).toBeVisible();
    const found = dialog.getByText(/Found pictures in folders: 100,000 gray images of 8 × 8 pixels/);
    await expect(found).toBeVisible({ timeout: 500_000 });
    const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(1)} s`;
    console.log(`listed in ${seconds(started, listed)}, read in ${seconds(listed, performance.now())}`);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(dialog).toBeHidden();
    rmSync(root, { recursive: true });
  },
);
