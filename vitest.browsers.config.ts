import { defineConfig } from 'vitest/config';

/** The journey in real browsers (`npm run browsers`), one engine after another. */
export default defineConfig({
  test: {
    include: ['tests/otherBrowsers/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    environment: 'node',
    fileParallelism: false,
    reporters: ['verbose'],
  },
});
