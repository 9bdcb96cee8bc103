import { PIXEL } from './shape';

// Philox4x32-10 (Salmon et al., SC 2011) for four images at a time; src/ml/random/philox.ts says what each word means.

/** The high words of four products. */
// @ts-ignore: decorator
@inline
function high(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(a, b), i64x2.extmul_high_i32x4_u(a, b), 1, 3, 5, 7);
}

/**
 * The factors of a dropout layer: 0 for a unit whose word is below `threshold`, `scale` for the rest.
 * @param place index of the shard's first image in the batch
 * @param factors out, [units][16 images]
 */
export function dropoutFactors(
  factors: usize,
  units: i32,
  place: i32,
  layer: i32,
  step: i32,
  seedLow: i32,
  seedHigh: i32,
  threshold: i32,
  scale: f32,
): void {
  const m0 = i32x4.splat(0xd2511f53);
  const m1 = i32x4.splat(0xcd9e8d57);
  const w0 = i32x4.splat(0x9e3779b9);
  const w1 = i32x4.splat(0xbb67ae85);
  const least = i32x4.splat(threshold);
  const kept = f32x4.splat(scale);
  for (let unit = 0; unit < units; unit += 4) {
    const end = factors + usize(min(4, units - unit)) * PIXEL;
    for (let part = 0; part < 4; part++) {
      let a = i32x4.splat(unit >> 2);
      let b = i32x4.add(i32x4.splat(place + 4 * part), i32x4(0, 1, 2, 3));
      let c = i32x4.splat(layer);
      let d = i32x4.splat(step);
      let key0 = i32x4.splat(seedLow);
      let key1 = i32x4.splat(seedHigh);
      for (let round = 0; round < 10; round++) {
        const high0 = high(m0, a);
        const high1 = high(m1, c);
        const low0 = i32x4.mul(m0, a);
        const low1 = i32x4.mul(m1, c);
        a = v128.xor(v128.xor(high1, b), key0);
        b = low1;
        c = v128.xor(v128.xor(high0, d), key1);
        d = low0;
        key0 = i32x4.add(key0, w0);
        key1 = i32x4.add(key1, w1);
      }
      let to = factors + (usize(part) << 4);
      v128.store(to, v128.and(kept, i32x4.ge_u(a, least)));
      to += PIXEL;
      if (to < end) v128.store(to, v128.and(kept, i32x4.ge_u(b, least)));
      to += PIXEL;
      if (to < end) v128.store(to, v128.and(kept, i32x4.ge_u(c, least)));
      to += PIXEL;
      if (to < end) v128.store(to, v128.and(kept, i32x4.ge_u(d, least)));
    }
    factors = end;
  }
}
