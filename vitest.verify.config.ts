import { defineConfig } from 'vitest/config';

/** The full-size runs of `npm run verify`. */
export default defineConfig({
  test: { include: ['tests/verify/**/*.verify.test.ts'], testTimeout: 3_600_000, hookTimeout: 600_000 },
});
