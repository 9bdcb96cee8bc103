import { expect, it } from 'vitest';
import { tryMutations } from './mutations.ts';
import { targets } from './targets.ts';

it.each(targets)('$name: damaged files give a result or a clear error', async (target) => {
  const outcomes = await tryMutations(target, { count: target.slow ? 300 : 1500, seed: 1 });
  expect(outcomes.refused).toBeGreaterThan(20);
});
