import { expect, test } from 'vitest';
import { hasSameBits } from '../../../src/ml/training/log.ts';

test.each([
  ['any number of workers', '4 workers, fused multiply-add', '1 worker, fused multiply-add', true],
  ['another arithmetic', '2 workers, fused multiply-add', '2 workers, plain multiply and add', false],
] as const)('the bits of wasm engines that an earlier version recorded: %s', (_, one, other, same) => {
  expect(hasSameBits({ engine: 'wasm', description: one }, { engine: 'wasm', description: other })).toBe(
    same,
  );
});

test('an engine logged by an earlier version is compared with an engine of this version', () => {
  const earlier = { engine: 'wasm', description: '4 workers, plain multiply and add' } as const;
  const now = { engine: 'wasm', description: 'worded otherwise', arithmetic: 'plain' } as const;
  expect(hasSameBits(earlier, now)).toBe(true);
  expect(hasSameBits(earlier, { ...now, arithmetic: 'fused' })).toBe(false);
  expect(hasSameBits(earlier, { ...now, engine: 'tfjs-cpu' })).toBe(false);
});

test('the same engine on another GPU computes other bits', () => {
  const gpu = (description: string) => ({ engine: 'webgpu', description }) as const;
  expect(hasSameBits(gpu('acme, one'), gpu('acme, one'))).toBe(true);
  expect(hasSameBits(gpu('acme, one'), gpu('acme, two'))).toBe(false);
});
