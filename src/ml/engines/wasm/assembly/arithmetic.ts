/**
 * Computes a * b + c per lane, with one rounding if the module is compiled with relaxed SIMD and the processor has
 * the instruction, otherwise with two.
 */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return f32x4.relaxed_madd(a, b, c);
  }
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Returns 1 if `madd` rounds once: then (1 + 2^-12)^2 - (1 + 2^-11) is exactly 2^-24, otherwise 0. */
export function fuses(x: f32): i32 {
  const factor = f32x4.splat(x + <f32>0.000244140625);
  const minuend = f32x4.splat(-(x + <f32>0.00048828125));
  return i32(f32x4.extract_lane(madd(factor, factor, minuend), 0) != 0);
}

/** The first half of a horizontal sum: lanes [a0 + a2, b0 + b2, a1 + a3, b1 + b3]. */
// @ts-ignore: decorator
@inline
export function pairSums(a: v128, b: v128): v128 {
  return f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
}

/** The lane sums of four vectors, as one vector. */
// @ts-ignore: decorator
@inline
export function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = pairSums(a, b);
  const cd = pairSums(c, d);
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}
