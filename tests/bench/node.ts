import { benchAttacks } from './attacks.bench.ts';
import { benchDeeper } from './deeper.bench.ts';
import { benchGeometry } from './geometry.bench.ts';
import { benchGlue } from './glue.bench.ts';
import type { BenchRow } from './row.ts';

/** The measurements of `npm run bench` in Node: sections by title. */
export const sections: Record<string, (options: { repeats?: number }) => Promise<BenchRow[]>> = {
  'Presets, processor time': benchDeeper,
  'Attacks and metamers': benchAttacks,
  'Geometry and spectrum': async (options) => benchGeometry(options),
  'GLUE, processor time': async (options) => benchGlue(options),
};
