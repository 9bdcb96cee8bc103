import { benchAttacks } from './attacks.bench.ts';
import { benchGeometry } from './geometry.bench.ts';
import type { BenchRow } from './row.ts';

/** What `npm run bench` measures in Node: sections by their titles. */
export const sections: Record<string, (options: { repeats?: number }) => Promise<BenchRow[]>> = {
  'Attacks and metamers': benchAttacks,
  'Geometry and spectrum': async (options) => benchGeometry(options),
};
