import { madd } from '../arithmetic';
import { PIXEL } from './shape';

/** Number of inputs in a pass over all outputs: their activations (16 KiB) stay in the first-level cache. */
const INPUT_BLOCK: i32 = 256;
/** Number of groups of outputs at a time. Each input reads one cache line per group, and these lines may share a cache set. */
const GROUP_BLOCK: i32 = 8;

/**
 * A linear layer: output = weight x input + bias.
 * @param input [inputs][16 images]
 * @param weights [groups][inputs][4 outputs]
 * @param output out, [groups of 4][16 images]
 */
export function linear(
  input: usize,
  inputs: i32,
  weights: usize,
  bias: usize,
  groups: i32,
  output: usize,
  rectify: bool,
): void {
  const zero = f32x4.splat(0);
  for (let first = 0; first < inputs; first += INPUT_BLOCK) {
    const count = min(INPUT_BLOCK, inputs - first);
    const last = first + count == inputs;
    for (let group = 0; group < groups; group++) {
      const start = weights + ((usize(group) * usize(inputs) + usize(first)) << 4);
      const end = start + (usize(count) << 4);
      const out = output + (usize(group) << 8);
      const b = bias + (usize(group) << 4);
      for (let half: usize = 0; half < PIXEL; half += 32) {
        const o = out + half;
        let p = input + usize(first) * PIXEL + half;
        let w = start;
        // Each block has its own sums, which keeps rounding small; the earlier blocks' sums are added at its end.
        let a0 = zero;
        let a1 = zero;
        let b0 = zero;
        let b1 = zero;
        let c0 = zero;
        let c1 = zero;
        let d0 = zero;
        let d1 = zero;
        do {
          const x0 = v128.load(p);
          const x1 = v128.load(p, 16);
          let v = v128.load_splat<f32>(w);
          a0 = madd(v, x0, a0);
          a1 = madd(v, x1, a1);
          v = v128.load_splat<f32>(w, 4);
          b0 = madd(v, x0, b0);
          b1 = madd(v, x1, b1);
          v = v128.load_splat<f32>(w, 8);
          c0 = madd(v, x0, c0);
          c1 = madd(v, x1, c1);
          v = v128.load_splat<f32>(w, 12);
          d0 = madd(v, x0, d0);
          d1 = madd(v, x1, d1);
          w += 16;
          p += PIXEL;
        } while (w < end);
        a0 = f32x4.add(a0, first ? v128.load(o) : v128.load_splat<f32>(b));
        a1 = f32x4.add(a1, first ? v128.load(o, 16) : v128.load_splat<f32>(b));
        b0 = f32x4.add(b0, first ? v128.load(o, 64) : v128.load_splat<f32>(b, 4));
        b1 = f32x4.add(b1, first ? v128.load(o, 80) : v128.load_splat<f32>(b, 4));
        c0 = f32x4.add(c0, first ? v128.load(o, 128) : v128.load_splat<f32>(b, 8));
        c1 = f32x4.add(c1, first ? v128.load(o, 144) : v128.load_splat<f32>(b, 8));
        d0 = f32x4.add(d0, first ? v128.load(o, 192) : v128.load_splat<f32>(b, 12));
        d1 = f32x4.add(d1, first ? v128.load(o, 208) : v128.load_splat<f32>(b, 12));
        if (last && rectify) {
          a0 = f32x4.pmax(zero, a0);
          a1 = f32x4.pmax(zero, a1);
          b0 = f32x4.pmax(zero, b0);
          b1 = f32x4.pmax(zero, b1);
          c0 = f32x4.pmax(zero, c0);
          c1 = f32x4.pmax(zero, c1);
          d0 = f32x4.pmax(zero, d0);
          d1 = f32x4.pmax(zero, d1);
        }
        v128.store(o, a0);
        v128.store(o, a1, 16);
        v128.store(o, b0, 64);
        v128.store(o, b1, 80);
        v128.store(o, c0, 128);
        v128.store(o, c1, 144);
        v128.store(o, d0, 192);
        v128.store(o, d1, 208);
      }
    }
  }
}

/**
 * d / d(input) of a linear layer.
 * @param cotangent d / d(output), [groups of 4][16 images]
 * @param result out, [inputs][16 images]
 * @param mask activations of the result's shape: the result is kept where they are positive. Address 0 keeps the whole result
 */
export function linearInputGradient(
  cotangent: usize,
  groups: i32,
  weights: usize,
  inputs: i32,
  result: usize,
  mask: usize,
): void {
  for (let first = 0; first < groups; first += GROUP_BLOCK) {
    const count = min(GROUP_BLOCK, groups - first);
    const masked = first + count == groups ? mask : 0;
    let input = 0;
    for (; input + 4 <= inputs; input += 4) {
      inputGradientOfFour(cotangent, first, count, weights, inputs, input, result, masked);
    }
    for (; input < inputs; input++) {
      inputGradientOfOne(cotangent, first, count, weights, inputs, input, result, masked);
    }
  }
}

function inputGradientOfFour(
  cotangent: usize,
  first: i32,
  count: i32,
  weights: usize,
  inputs: i32,
  input: i32,
  result: usize,
  mask: usize,
): void {
  const zero = f32x4.splat(0);
  const step = usize(inputs) << 4;
  const start = weights + ((usize(first) * usize(inputs) + usize(input)) << 4);
  for (let half: usize = 0; half < PIXEL; half += 32) {
    const o = result + usize(input) * PIXEL + half;
    let d = cotangent + (usize(first) << 8) + half;
    let w = start;
    let a0 = first ? v128.load(o) : zero;
    let a1 = first ? v128.load(o, 16) : zero;
    let b0 = first ? v128.load(o, 64) : zero;
    let b1 = first ? v128.load(o, 80) : zero;
    let c0 = first ? v128.load(o, 128) : zero;
    let c1 = first ? v128.load(o, 144) : zero;
    let d0 = first ? v128.load(o, 192) : zero;
    let d1 = first ? v128.load(o, 208) : zero;
    for (let group = 0; group < count; group++) {
      const end = d + 4 * PIXEL;
      let q = w;
      do {
        const x0 = v128.load(d);
        const x1 = v128.load(d, 16);
        let v = v128.load_splat<f32>(q);
        a0 = madd(v, x0, a0);
        a1 = madd(v, x1, a1);
        v = v128.load_splat<f32>(q, 16);
        b0 = madd(v, x0, b0);
        b1 = madd(v, x1, b1);
        v = v128.load_splat<f32>(q, 32);
        c0 = madd(v, x0, c0);
        c1 = madd(v, x1, c1);
        v = v128.load_splat<f32>(q, 48);
        d0 = madd(v, x0, d0);
        d1 = madd(v, x1, d1);
        q += 4;
        d += PIXEL;
      } while (d < end);
      w += step;
    }
    if (mask) {
      const m = mask + usize(input) * PIXEL + half;
      a0 = v128.and(a0, f32x4.gt(v128.load(m), zero));
      a1 = v128.and(a1, f32x4.gt(v128.load(m, 16), zero));
      b0 = v128.and(b0, f32x4.gt(v128.load(m, 64), zero));
      b1 = v128.and(b1, f32x4.gt(v128.load(m, 80), zero));
      c0 = v128.and(c0, f32x4.gt(v128.load(m, 128), zero));
      c1 = v128.and(c1, f32x4.gt(v128.load(m, 144), zero));
      d0 = v128.and(d0, f32x4.gt(v128.load(m, 192), zero));
      d1 = v128.and(d1, f32x4.gt(v128.load(m, 208), zero));
    }
    v128.store(o, a0);
    v128.store(o, a1, 16);
    v128.store(o, b0, 64);
    v128.store(o, b1, 80);
    v128.store(o, c0, 128);
    v128.store(o, c1, 144);
    v128.store(o, d0, 192);
    v128.store(o, d1, 208);
  }
}

function inputGradientOfOne(
  cotangent: usize,
  first: i32,
  count: i32,
  weights: usize,
  inputs: i32,
  input: i32,
  result: usize,
  mask: usize,
): void {
  const zero = f32x4.splat(0);
  const step = usize(inputs) << 4;
  const start = weights + ((usize(first) * usize(inputs) + usize(input)) << 4);
  for (let part: usize = 0; part < PIXEL; part += 16) {
    const o = result + usize(input) * PIXEL + part;
    let d = cotangent + (usize(first) << 8) + part;
    let w = start;
    let a = first ? v128.load(o) : zero;
    for (let group = 0; group < count; group++) {
      for (let i: usize = 0; i < 16; i += 4) {
        a = madd(v128.load_splat<f32>(w + i), v128.load(d), a);
        d += PIXEL;
      }
      w += step;
    }
    if (mask) {
      a = v128.and(a, f32x4.gt(v128.load(mask + usize(input) * PIXEL + part), zero));
    }
    v128.store(o, a);
  }
}

/**
 * The gradient of a linear layer's weights: sums over the shard's images of input x d / d(output), four outputs to a vector.
 * @param input [inputs][16 images]
 * @param transposed d / d(output) as [16 images][groups of 4 outputs]
 * @param gradient out, [groups][inputs][4 outputs]
 * @param accumulate adds to the gradient of the earlier shards
 */
export function linearGradient(
  input: usize,
  inputs: i32,
  transposed: usize,
  groups: i32,
  gradient: usize,
  accumulate: bool,
): void {
  const stride = usize(inputs) << 4;
  const row = usize(groups) << 4;
  for (let group = 0; group < groups; group += 2) {
    // A last group without a partner is computed twice; the second result is not stored.
    const second = group + 1 < groups ? 16 : 0;
    const d = transposed + (usize(group) << 4);
    let out = gradient + usize(group) * stride;
    const away = second ? stride : 0;
    let x = input;
    let i = 0;
    for (; i + 4 <= inputs; i += 4) {
      gradientOfFour(x, d, second, row, out, away, accumulate);
      x += 4 * PIXEL;
      out += 64;
    }
    for (; i < inputs; i++) {
      let a = f32x4.splat(0);
      let b = a;
      for (let image: usize = 0; image < 16; image++) {
        const v = v128.load_splat<f32>(x + (image << 2));
        a = madd(v, v128.load(d + image * row), a);
        b = madd(v, v128.load(d + image * row + second), b);
      }
      if (away) {
        keep(out + away, b, accumulate);
      }
      keep(out, a, accumulate);
      x += PIXEL;
      out += 16;
    }
  }
}

// @ts-ignore: decorator
@inline
function keep(address: usize, value: v128, accumulate: bool): void {
  v128.store(address, accumulate ? f32x4.add(v128.load(address), value) : value);
}

function gradientOfFour(
  x: usize,
  d: usize,
  second: usize,
  row: usize,
  out: usize,
  away: usize,
  accumulate: bool,
): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  for (const end = x + PIXEL; x < end; x += 4) {
    const p = v128.load(d);
    const q = v128.load(d + second);
    let v = v128.load_splat<f32>(x);
    a0 = madd(v, p, a0);
    b0 = madd(v, q, b0);
    v = v128.load_splat<f32>(x, 64);
    a1 = madd(v, p, a1);
    b1 = madd(v, q, b1);
    v = v128.load_splat<f32>(x, 128);
    a2 = madd(v, p, a2);
    b2 = madd(v, q, b2);
    v = v128.load_splat<f32>(x, 192);
    a3 = madd(v, p, a3);
    b3 = madd(v, q, b3);
    d += row;
  }
  if (away) {
    const other = out + away;
    keep(other, b0, accumulate);
    keep(other + 16, b1, accumulate);
    keep(other + 32, b2, accumulate);
    keep(other + 48, b3, accumulate);
  }
  keep(out, a0, accumulate);
  keep(out + 16, a1, accumulate);
  keep(out + 32, a2, accumulate);
  keep(out + 48, a3, accumulate);
}
