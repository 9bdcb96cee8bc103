import type { Page } from '@playwright/test';
import { goldenBase64 } from './golden.ts';

/** Loads the parameters that PyTorch trained. */
export async function loadTrained(page: Page): Promise<void> {
  await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    await window.lab.loadParameters(bytes);
  }, goldenBase64('model_trained.safetensors'));
}
