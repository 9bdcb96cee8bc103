import { mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The long tests in Node, which only `npm run test:full` runs. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: [] } },
  {
    test: {
      include: ['tests/full/**/*.test.ts'],
      testTimeout: 600_000,
      passWithNoTests: true,
      // A process for each file: one of them measures the memory of its process.
      pool: 'forks',
      isolate: true,
    },
  },
);
