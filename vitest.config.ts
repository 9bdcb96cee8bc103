import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/unit/**/*.test.{ts,tsx}', 'tests/lab/**/*.test.ts'],
    testTimeout: 60_000,
    environment: 'node',
    // The files share nothing but modules; a fresh set of those for each would cost as long as the tests.
    pool: 'threads',
    isolate: false,
    // All cores: by default one of two stays idle.
    maxWorkers: availableParallelism(),
  },
});
