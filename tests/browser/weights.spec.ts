import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { mnistCnn } from '../fixtures/weights.ts';
import { dropAt } from '../page/drop.ts';
import { expect, test } from '../page/fixtures.ts';

const caseFile = (name: string) => resolve('tests/fixtures/weights/cases', name);

/** Drops a file on a panel without a file input, through the browser's own input. */
async function dropOnPage(page: Page, file: string): Promise<void> {
  const target = page.locator('#train');
  await target.scrollIntoViewIfNeeded();
  const box = await target.boundingBox();
  if (!box) throw new Error('dropOnPage: expected the Train panel in view');
  await dropAt(page, { x: box.x + box.width / 2, y: Math.max(box.y + 20, 20) }, { files: [file] });
}

test('the notebook’s mnist_cnn.pt opens when dropped, with accuracy .9819', async ({ scripted: lab }) => {
  const file = join(mkdtempSync(join(tmpdir(), 'untangle-')), 'mnist_cnn.pt');
  writeFileSync(file, mnistCnn());
  await dropOnPage(lab, file);
  await expect(lab.getByText('The parameters of “mnist_cnn.pt” are loaded (PyTorch).')).toBeVisible();
  const { accuracy } = await lab.evaluate(() => window.lab.evaluate());
  expect(accuracy).toBe(0.9819);
  // The same by script, with the present network.
  const bytes = [...mnistCnn()];
  await lab.evaluate((list) => window.lab.loadParameters(Uint8Array.from(list)), bytes);
  expect((await lab.evaluate(() => window.lab.evaluate())).accuracy).toBe(0.9819);
});

test('each parameters file opens as its network or shows its message', { tag: '@full' }, async ({
  scripted: lab,
}) => {
  const opened: Record<string, string> = {
    'plain_OK.safetensors': 'are loaded (safetensors). Press Train to continue',
    'f16_OK.safetensors': 'are loaded (safetensors). Press Train to continue',
    no_extension: 'are loaded (safetensors). Press Train to continue',
    'small_state_dict.pt': 'are loaded (PyTorch). Press Train to continue',
    'small_legacy.pt': 'are loaded (PyTorch, before 1.6). Press Train to continue',
    'small.npz': 'are loaded (NumPy). Press Train to continue',
    'small_checkpoint.pt':
      'conv is the file’s “model_state_dict.conv”, fc is the file’s “model_state_dict.fc”',
    'prefix_module.safetensors': 'conv is the file’s “module.conv”, fc is the file’s “module.fc”',
    'prefix__orig_mod.safetensors': 'conv is the file’s “_orig_mod.conv”',
    'names_conv1_fc1.safetensors': 'conv is the file’s “conv1”, fc is the file’s “fc1”',
    'extra_tensor.safetensors': 'This network has no place for “bn.num_batches_tracked”',
  };
  for (const [name, message] of Object.entries(opened)) {
    await dropOnPage(lab, caseFile(name));
    await expect(lab.getByText(`The parameters of “${name}”`), name).toContainText(message);
    const first = await lab.evaluate(async () => (await window.lab.parameters())['conv.weight'][0]);
    expect(first, name).toBeCloseTo(0.02514604, name.startsWith('f16') ? 4 : 8);
  }
  expect((await lab.evaluate(() => window.lab.evaluate())).accuracy).toBe(0.1587);
  const refused: Record<string, string> = {
    'i64.safetensors': 'integers (I64)',
    'tf_layout.safetensors': 'laid out as TensorFlow and Keras do',
    'lfs.safetensors': 'This is a Git LFS pointer',
    'metadata_number.safetensors': 'Expected only texts in __metadata__',
  };
  await lab.locator('#adversarial').scrollIntoViewIfNeeded();
  for (const [name, message] of Object.entries(refused)) {
    await dropOnPage(lab, caseFile(name));
    const alert = lab.getByRole('alert').filter({ hasText: name });
    // The message is visible at every scroll position.
    await expect(alert, name).toBeInViewport({ ratio: 1 });
    await expect(alert, name).toContainText(`“${name}” could not be opened. `);
    await expect(alert, name).toContainText(message);
    // No function's name is shown.
    await expect(alert, name).not.toContainText(/\b[a-z]+[A-Z]\w*: /);
  }
  // The previous network is still there.
  expect((await lab.evaluate(() => window.lab.evaluate())).accuracy).toBe(0.1587);
});
