import { expect, it } from 'vitest';
import { tryMutations } from '../unit/formats/mutations.ts';
import { targets } from '../unit/formats/targets.ts';
import { record } from './record.ts';

/** Number of inputs for all readers together. */
const INPUTS = 100_000;
/** For these readers, each input requires writing a whole archive. */
const OF_SLOW = 5000;

it('rejects or reads 100,000 damaged hashes and files, each within its limits of time and memory', async () => {
  const slow = targets.filter((target) => target.slow).length;
  const each = Math.ceil((INPUTS - slow * OF_SLOW) / (targets.length - slow));
  const total = { refused: 0, read: 0 };
  for (const target of targets) {
    const found = await tryMutations(target, { count: target.slow ? OF_SLOW : each, seed: 2026 });
    expect(found.refused, target.name).toBeGreaterThan(100);
    expect(found.read, target.name).toBeGreaterThan(0);
    total.refused += found.refused;
    total.read += found.read;
  }
  expect(total.refused + total.read).toBeGreaterThanOrEqual(INPUTS);
  record(
    `mutated inputs of ${targets.length} readers (hashes, safetensors, IDX, npy, npz, zip, run files)`,
    'at least 100,000, each a result or a clear error within 2 s and its bound of memory',
    `${total.refused + total.read}: ${total.refused} refused, ${total.read} read`,
  );
});
