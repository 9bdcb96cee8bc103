import { madd } from '../arithmetic';
import { PIXEL } from './shape';

/**
 * Computes a row of four output maps: the sum of weight x input over the kernel's rows, the input maps and the kernel's
 * columns. Takes four outputs of half the shard's images at a time, so that eight sums stay in registers.
 * @param input the pixel under the kernel's first tap at the row's first column
 * @param rows rows of the kernel that lie within the image; `weights` begin with the first of them
 * @param weights [rows][input maps][kernel][4 outputs]
 * @param bias of the four outputs, or 0 for none
 * @param o0 address of each output's row. A map that only fills up the group has the address of the last real map, which is
 *   written after it
 * @param mask address of the activations of the first output: values are kept where the activations are positive. Address 0
 *   keeps all values
 * @param masks bytes from one of the four activation maps to the next
 */
export function correlateFour(
  input: usize,
  plane: usize,
  pitch: usize,
  maps: i32,
  kernel: i32,
  rows: i32,
  weights: usize,
  bias: usize,
  o0: usize,
  o1: usize,
  o2: usize,
  o3: usize,
  columns: i32,
  rectify: bool,
  mask: usize,
  masks: usize,
): void {
  const zero = f32x4.splat(0);
  const tapBytes = usize(kernel) << 4;
  for (let column = 0; column < columns; column++) {
    for (let half: usize = 0; half < PIXEL; half += 32) {
      const at = usize(column) * PIXEL + half;
      let w = weights;
      let row = input + at;
      let a0 = zero;
      let b0 = zero;
      let c0 = zero;
      let d0 = zero;
      let a1 = a0;
      let b1 = b0;
      let c1 = c0;
      let d1 = d0;
      let v: v128;
      let x0: v128;
      let x1: v128;
      for (let i = 0; i < rows; i++) {
        let p = row;
        if (kernel == 3) {
          for (let map = 0; map < maps; map++) {
            x0 = v128.load(p);
            x1 = v128.load(p, 16);
            v = v128.load_splat<f32>(w);
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
            x0 = v128.load(p, 64);
            x1 = v128.load(p, 80);
            v = v128.load_splat<f32>(w, 16);
            a0 = madd(v, x0, a0);
            a1 = madd(v, x1, a1);
            v = v128.load_splat<f32>(w, 20);
            b0 = madd(v, x0, b0);
            b1 = madd(v, x1, b1);
            v = v128.load_splat<f32>(w, 24);
            c0 = madd(v, x0, c0);
            c1 = madd(v, x1, c1);
            v = v128.load_splat<f32>(w, 28);
            d0 = madd(v, x0, d0);
            d1 = madd(v, x1, d1);
            x0 = v128.load(p, 128);
            x1 = v128.load(p, 144);
            v = v128.load_splat<f32>(w, 32);
            a0 = madd(v, x0, a0);
            a1 = madd(v, x1, a1);
            v = v128.load_splat<f32>(w, 36);
            b0 = madd(v, x0, b0);
            b1 = madd(v, x1, b1);
            v = v128.load_splat<f32>(w, 40);
            c0 = madd(v, x0, c0);
            c1 = madd(v, x1, c1);
            v = v128.load_splat<f32>(w, 44);
            d0 = madd(v, x0, d0);
            d1 = madd(v, x1, d1);
            w += 48;
            p += plane;
          }
        } else {
          for (let map = 0; map < maps; map++) {
            const end = w + tapBytes;
            const next = p + plane;
            do {
              x0 = v128.load(p);
              x1 = v128.load(p, 16);
              v = v128.load_splat<f32>(w);
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
            p = next;
          }
        }
        row += pitch;
      }
      if (bias) {
        v = v128.load_splat<f32>(bias);
        a0 = f32x4.add(a0, v);
        a1 = f32x4.add(a1, v);
        v = v128.load_splat<f32>(bias, 4);
        b0 = f32x4.add(b0, v);
        b1 = f32x4.add(b1, v);
        v = v128.load_splat<f32>(bias, 8);
        c0 = f32x4.add(c0, v);
        c1 = f32x4.add(c1, v);
        v = v128.load_splat<f32>(bias, 12);
        d0 = f32x4.add(d0, v);
        d1 = f32x4.add(d1, v);
      }
      if (rectify) {
        a0 = f32x4.pmax(zero, a0);
        a1 = f32x4.pmax(zero, a1);
        b0 = f32x4.pmax(zero, b0);
        b1 = f32x4.pmax(zero, b1);
        c0 = f32x4.pmax(zero, c0);
        c1 = f32x4.pmax(zero, c1);
        d0 = f32x4.pmax(zero, d0);
        d1 = f32x4.pmax(zero, d1);
      }
      if (mask) {
        let m = mask + at;
        a0 = v128.and(a0, f32x4.gt(v128.load(m), zero));
        a1 = v128.and(a1, f32x4.gt(v128.load(m, 16), zero));
        m += masks;
        b0 = v128.and(b0, f32x4.gt(v128.load(m), zero));
        b1 = v128.and(b1, f32x4.gt(v128.load(m, 16), zero));
        m += o2 == o1 ? 0 : masks;
        c0 = v128.and(c0, f32x4.gt(v128.load(m), zero));
        c1 = v128.and(c1, f32x4.gt(v128.load(m, 16), zero));
        m += o3 == o2 ? 0 : masks;
        d0 = v128.and(d0, f32x4.gt(v128.load(m), zero));
        d1 = v128.and(d1, f32x4.gt(v128.load(m, 16), zero));
      }
      v128.store(o3 + at, d0);
      v128.store(o3 + at, d1, 16);
      v128.store(o2 + at, c0);
      v128.store(o2 + at, c1, 16);
      v128.store(o1 + at, b0);
      v128.store(o1 + at, b1, 16);
      v128.store(o0 + at, a0);
      v128.store(o0 + at, a1, 16);
    }
  }
}

/** Like `correlateFour`, for a last group of one or two outputs: takes two outputs of all images at a time. */
export function correlateTwo(
  input: usize,
  plane: usize,
  pitch: usize,
  maps: i32,
  kernel: i32,
  rows: i32,
  weights: usize,
  bias: usize,
  o0: usize,
  o1: usize,
  columns: i32,
  rectify: bool,
  mask: usize,
  masks: usize,
): void {
  const zero = f32x4.splat(0);
  const tapBytes = usize(kernel) << 4;
  for (let column = 0; column < columns; column++) {
    const at = usize(column) * PIXEL;
    let w = weights;
    let row = input + at;
    let a0 = zero;
    let b0 = zero;
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b1 = b0;
    let b2 = b0;
    let b3 = b0;
    let v: v128;
    let u: v128;
    let x: v128;
    for (let i = 0; i < rows; i++) {
      let p = row;
      for (let map = 0; map < maps; map++) {
        const end = w + tapBytes;
        const next = p + plane;
        do {
          v = v128.load_splat<f32>(w);
          u = v128.load_splat<f32>(w, 4);
          x = v128.load(p);
          a0 = madd(v, x, a0);
          b0 = madd(u, x, b0);
          x = v128.load(p, 16);
          a1 = madd(v, x, a1);
          b1 = madd(u, x, b1);
          x = v128.load(p, 32);
          a2 = madd(v, x, a2);
          b2 = madd(u, x, b2);
          x = v128.load(p, 48);
          a3 = madd(v, x, a3);
          b3 = madd(u, x, b3);
          w += 16;
          p += PIXEL;
        } while (w < end);
        p = next;
      }
      row += pitch;
    }
    if (bias) {
      v = v128.load_splat<f32>(bias);
      u = v128.load_splat<f32>(bias, 4);
      a0 = f32x4.add(a0, v);
      b0 = f32x4.add(b0, u);
      a1 = f32x4.add(a1, v);
      b1 = f32x4.add(b1, u);
      a2 = f32x4.add(a2, v);
      b2 = f32x4.add(b2, u);
      a3 = f32x4.add(a3, v);
      b3 = f32x4.add(b3, u);
    }
    if (rectify) {
      a0 = f32x4.pmax(zero, a0);
      a1 = f32x4.pmax(zero, a1);
      a2 = f32x4.pmax(zero, a2);
      a3 = f32x4.pmax(zero, a3);
      b0 = f32x4.pmax(zero, b0);
      b1 = f32x4.pmax(zero, b1);
      b2 = f32x4.pmax(zero, b2);
      b3 = f32x4.pmax(zero, b3);
    }
    if (mask) {
      let m = mask + at;
      a0 = v128.and(a0, f32x4.gt(v128.load(m), zero));
      a1 = v128.and(a1, f32x4.gt(v128.load(m, 16), zero));
      a2 = v128.and(a2, f32x4.gt(v128.load(m, 32), zero));
      a3 = v128.and(a3, f32x4.gt(v128.load(m, 48), zero));
      m += o1 == o0 ? 0 : masks;
      b0 = v128.and(b0, f32x4.gt(v128.load(m), zero));
      b1 = v128.and(b1, f32x4.gt(v128.load(m, 16), zero));
      b2 = v128.and(b2, f32x4.gt(v128.load(m, 32), zero));
      b3 = v128.and(b3, f32x4.gt(v128.load(m, 48), zero));
    }
    v128.store(o1 + at, b0);
    v128.store(o1 + at, b1, 16);
    v128.store(o1 + at, b2, 32);
    v128.store(o1 + at, b3, 48);
    v128.store(o0 + at, a0);
    v128.store(o0 + at, a1, 16);
    v128.store(o0 + at, a2, 32);
    v128.store(o0 + at, a3, 48);
  }
}
