import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

/** The full-size browser runs of `npm run verify`. */
export default defineConfig({
  ...base,
  testDir: 'tests/verify',
  timeout: 3_600_000,
  // A click or a field that never comes fails after two minutes, not after an hour.
  use: { ...base.use, actionTimeout: 120_000 },
  // Its figures are for a quiet machine.
  workers: 1,
  retries: 0,
  reporter: 'list',
});
