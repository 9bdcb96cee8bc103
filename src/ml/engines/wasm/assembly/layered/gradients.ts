import { laneSums, madd } from '../arithmetic';
import { PIXEL } from './shape';

/**
 * Adds one row's share of the gradients of four outputs' weights at two taps: sums over columns and images of
 * input x d(output), four images to a lane.
 * @param sums in and out, [2 taps][4 outputs][4 lanes]
 */
export function addPair(
  first: usize,
  second: usize,
  d0: usize,
  d1: usize,
  d2: usize,
  d3: usize,
  columns: i32,
  sums: usize,
): void {
  let a0 = v128.load(sums);
  let b0 = v128.load(sums, 16);
  let c0 = v128.load(sums, 32);
  let e0 = v128.load(sums, 48);
  let a1 = v128.load(sums, 64);
  let b1 = v128.load(sums, 80);
  let c1 = v128.load(sums, 96);
  let e1 = v128.load(sums, 112);
  const end = first + usize(columns) * PIXEL;
  do {
    let x = v128.load(first);
    let y = v128.load(second);
    let d = v128.load(d0);
    a0 = madd(x, d, a0);
    a1 = madd(y, d, a1);
    d = v128.load(d1);
    b0 = madd(x, d, b0);
    b1 = madd(y, d, b1);
    d = v128.load(d2);
    c0 = madd(x, d, c0);
    c1 = madd(y, d, c1);
    d = v128.load(d3);
    e0 = madd(x, d, e0);
    e1 = madd(y, d, e1);
    x = v128.load(first, 16);
    y = v128.load(second, 16);
    d = v128.load(d0, 16);
    a0 = madd(x, d, a0);
    a1 = madd(y, d, a1);
    d = v128.load(d1, 16);
    b0 = madd(x, d, b0);
    b1 = madd(y, d, b1);
    d = v128.load(d2, 16);
    c0 = madd(x, d, c0);
    c1 = madd(y, d, c1);
    d = v128.load(d3, 16);
    e0 = madd(x, d, e0);
    e1 = madd(y, d, e1);
    x = v128.load(first, 32);
    y = v128.load(second, 32);
    d = v128.load(d0, 32);
    a0 = madd(x, d, a0);
    a1 = madd(y, d, a1);
    d = v128.load(d1, 32);
    b0 = madd(x, d, b0);
    b1 = madd(y, d, b1);
    d = v128.load(d2, 32);
    c0 = madd(x, d, c0);
    c1 = madd(y, d, c1);
    d = v128.load(d3, 32);
    e0 = madd(x, d, e0);
    e1 = madd(y, d, e1);
    x = v128.load(first, 48);
    y = v128.load(second, 48);
    d = v128.load(d0, 48);
    a0 = madd(x, d, a0);
    a1 = madd(y, d, a1);
    d = v128.load(d1, 48);
    b0 = madd(x, d, b0);
    b1 = madd(y, d, b1);
    d = v128.load(d2, 48);
    c0 = madd(x, d, c0);
    c1 = madd(y, d, c1);
    d = v128.load(d3, 48);
    e0 = madd(x, d, e0);
    e1 = madd(y, d, e1);
    first += PIXEL;
    second += PIXEL;
    d0 += PIXEL;
    d1 += PIXEL;
    d2 += PIXEL;
    d3 += PIXEL;
  } while (first < end);
  v128.store(sums, a0);
  v128.store(sums, b0, 16);
  v128.store(sums, c0, 32);
  v128.store(sums, e0, 48);
  v128.store(sums, a1, 64);
  v128.store(sums, b1, 80);
  v128.store(sums, c1, 96);
  v128.store(sums, e1, 112);
}

/** The same for one tap, the last of an odd number: two sums per output, so that no addition waits for the one before. */
export function addSingle(
  input: usize,
  d0: usize,
  d1: usize,
  d2: usize,
  d3: usize,
  columns: i32,
  sums: usize,
): void {
  let a0 = v128.load(sums);
  let b0 = v128.load(sums, 16);
  let c0 = v128.load(sums, 32);
  let e0 = v128.load(sums, 48);
  let a1 = f32x4.splat(0);
  let b1 = a1;
  let c1 = a1;
  let e1 = a1;
  const end = input + usize(columns) * PIXEL;
  do {
    let x = v128.load(input);
    a0 = madd(x, v128.load(d0), a0);
    b0 = madd(x, v128.load(d1), b0);
    c0 = madd(x, v128.load(d2), c0);
    e0 = madd(x, v128.load(d3), e0);
    x = v128.load(input, 16);
    a1 = madd(x, v128.load(d0, 16), a1);
    b1 = madd(x, v128.load(d1, 16), b1);
    c1 = madd(x, v128.load(d2, 16), c1);
    e1 = madd(x, v128.load(d3, 16), e1);
    x = v128.load(input, 32);
    a0 = madd(x, v128.load(d0, 32), a0);
    b0 = madd(x, v128.load(d1, 32), b0);
    c0 = madd(x, v128.load(d2, 32), c0);
    e0 = madd(x, v128.load(d3, 32), e0);
    x = v128.load(input, 48);
    a1 = madd(x, v128.load(d0, 48), a1);
    b1 = madd(x, v128.load(d1, 48), b1);
    c1 = madd(x, v128.load(d2, 48), c1);
    e1 = madd(x, v128.load(d3, 48), e1);
    input += PIXEL;
    d0 += PIXEL;
    d1 += PIXEL;
    d2 += PIXEL;
    d3 += PIXEL;
  } while (input < end);
  v128.store(sums, f32x4.add(a0, a1));
  v128.store(sums, f32x4.add(b0, b1), 16);
  v128.store(sums, f32x4.add(c0, c1), 32);
  v128.store(sums, f32x4.add(e0, e1), 48);
}

/**
 * Sums over the lanes: the gradients of a group's weights.
 * @param sums [taps][4 outputs][4 lanes]
 * @param gradient out, [taps][4 outputs]
 * @param accumulate adds to the gradient of the earlier shards
 */
export function collect(sums: usize, taps: i32, gradient: usize, accumulate: bool): void {
  for (let tap = 0; tap < taps; tap++) {
    let total = laneSums(v128.load(sums), v128.load(sums, 16), v128.load(sums, 32), v128.load(sums, 48));
    if (accumulate) {
      total = f32x4.add(v128.load(gradient), total);
    }
    v128.store(gradient, total);
    sums += 64;
    gradient += 16;
  }
}
