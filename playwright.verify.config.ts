import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

/** The full-size browser runs of `npm run verify`. */
export default defineConfig({
  ...base,
  testDir: 'tests/verify',
  timeout: 3_600_000,
  // Its figures are for a quiet machine.
  workers: 1,
  retries: 0,
  reporter: 'list',
});
