import { laneSums, madd } from './arithmetic';
import { classes, columnBytes, ITEM, logitBytes, UNITS } from './shape';

/**
 * Adds one tile's part of the logits: two classes of four blocks at a time, so that 8 sums stay in registers. The
 * order of the sums is the same for every image, wherever the image is in the batch.
 * @param tile relu(conv), [positions][blocks][4 channels][4 images]
 * @param dense weights of the tile, [positions][classes][4 channels]
 * @param logits input and output, [blocks][classes][4 images]
 */
export function addLogits(tile: usize, dense: usize, logits: usize, positions: i32, blocks: i32): void {
  const step = usize(blocks - 1) * UNITS;
  for (let pair = 0; pair < classes; pair += 2) {
    let block = 0;
    for (; block + 4 <= blocks; block += 4) {
      let h = tile + usize(block) * UNITS;
      let weight = dense + usize(pair) * 16;
      let p0 = f32x4.splat(0);
      let p1 = p0;
      let p2 = p0;
      let p3 = p0;
      let q0 = p0;
      let q1 = p0;
      let q2 = p0;
      let q3 = p0;
      for (let position = 0; position < positions; position++) {
        const end = h + UNITS;
        do {
          const v = v128.load_splat<f32>(weight);
          const w = v128.load_splat<f32>(weight, 16);
          let x = v128.load(h);
          p0 = madd(v, x, p0);
          q0 = madd(w, x, q0);
          x = v128.load(h, 64);
          p1 = madd(v, x, p1);
          q1 = madd(w, x, q1);
          x = v128.load(h, 128);
          p2 = madd(v, x, p2);
          q2 = madd(w, x, q2);
          x = v128.load(h, 192);
          p3 = madd(v, x, p3);
          q3 = madd(w, x, q3);
          weight += 4;
          h += 16;
        } while (h < end);
        weight += columnBytes - 16;
        h += step;
      }
      const out = logits + usize(block) * logitBytes + usize(pair) * ITEM;
      addTo(out, p0);
      addTo(out + 16, q0);
      addTo(out + logitBytes, p1);
      addTo(out + logitBytes + 16, q1);
      addTo(out + 2 * logitBytes, p2);
      addTo(out + 2 * logitBytes + 16, q2);
      addTo(out + 3 * logitBytes, p3);
      addTo(out + 3 * logitBytes + 16, q3);
    }
    for (; block < blocks; block += 2) {
      let h = tile + usize(block) * UNITS;
      let weight = dense + usize(pair) * 16;
      let p0 = f32x4.splat(0);
      let p1 = p0;
      let q0 = p0;
      let q1 = p0;
      for (let position = 0; position < positions; position++) {
        const end = h + UNITS;
        do {
          const v = v128.load_splat<f32>(weight);
          const w = v128.load_splat<f32>(weight, 16);
          let x = v128.load(h);
          p0 = madd(v, x, p0);
          q0 = madd(w, x, q0);
          x = v128.load(h, 64);
          p1 = madd(v, x, p1);
          q1 = madd(w, x, q1);
          weight += 4;
          h += 16;
        } while (h < end);
        weight += columnBytes - 16;
        h += step;
      }
      const out = logits + usize(block) * logitBytes + usize(pair) * ITEM;
      addTo(out, p0);
      addTo(out + 16, q0);
      addTo(out + logitBytes, p1);
      addTo(out + logitBytes + 16, q1);
    }
  }
}

// @ts-ignore: decorator
@inline
function addTo(address: usize, value: v128): void {
  v128.store(address, f32x4.add(v128.load(address), value));
}

/**
 * The gradient of a tile's dense weights: sums over images of relu(conv) x d(logit), four channels of two classes at
 * a time.
 * @param cotangent d(logits), [blocks][classes][4 images]
 * @param gradient [positions][classes][4 channels]
 * @param accumulate whether to add to the gradient of earlier images in the batch
 */
export function denseGradient(
  tile: usize,
  cotangent: usize,
  gradient: usize,
  positions: i32,
  blocks: i32,
  accumulate: bool,
): void {
  const step = usize(blocks) * UNITS;
  let out = gradient;
  let row = tile;
  for (let position = 0; position < positions; position++) {
    const end = row + step;
    for (let pair = 0; pair < classes; pair += 2) {
      let h = row;
      let d = cotangent + usize(pair) * ITEM;
      let a0 = f32x4.splat(0);
      let b0 = a0;
      let c0 = a0;
      let d0 = a0;
      let a1 = a0;
      let b1 = a0;
      let c1 = a0;
      let d1 = a0;
      do {
        const y0 = v128.load(d);
        const y1 = v128.load(d, 16);
        let x = v128.load(h);
        a0 = madd(x, y0, a0);
        a1 = madd(x, y1, a1);
        x = v128.load(h, 16);
        b0 = madd(x, y0, b0);
        b1 = madd(x, y1, b1);
        x = v128.load(h, 32);
        c0 = madd(x, y0, c0);
        c1 = madd(x, y1, c1);
        x = v128.load(h, 48);
        d0 = madd(x, y0, d0);
        d1 = madd(x, y1, d1);
        h += UNITS;
        d += logitBytes;
      } while (h < end);
      let first = laneSums(a0, b0, c0, d0);
      let second = laneSums(a1, b1, c1, d1);
      if (accumulate) {
        first = f32x4.add(first, v128.load(out));
        second = f32x4.add(second, v128.load(out, 16));
      }
      v128.store(out, first);
      v128.store(out, second, 16);
      out += 32;
    }
    row = end;
  }
}

/**
 * Replaces relu(conv) in a tile by d / d(conv): the sum over classes of weight x d(logit), where the unit is active.
 * Processes two blocks at a time.
 */
export function hiddenGradient(
  tile: usize,
  dense: usize,
  cotangent: usize,
  positions: i32,
  blocks: i32,
): void {
  const zero = f32x4.splat(0);
  let h = tile;
  let column = dense;
  for (let position = 0; position < positions; position++) {
    let d = cotangent;
    const end = column + columnBytes;
    for (let block = 0; block < blocks; block += 2) {
      let a0 = zero;
      let a1 = zero;
      let b0 = zero;
      let b1 = zero;
      let c0 = zero;
      let c1 = zero;
      let d0 = zero;
      let d1 = zero;
      let weight = column;
      do {
        const y0 = v128.load(d);
        const y1 = v128.load(d + logitBytes);
        let w = v128.load_splat<f32>(weight);
        a0 = madd(w, y0, a0);
        a1 = madd(w, y1, a1);
        w = v128.load_splat<f32>(weight, 4);
        b0 = madd(w, y0, b0);
        b1 = madd(w, y1, b1);
        w = v128.load_splat<f32>(weight, 8);
        c0 = madd(w, y0, c0);
        c1 = madd(w, y1, c1);
        w = v128.load_splat<f32>(weight, 12);
        d0 = madd(w, y0, d0);
        d1 = madd(w, y1, d1);
        d += ITEM;
        weight += 16;
      } while (weight < end);
      d += logitBytes;
      v128.store(h, v128.and(a0, f32x4.gt(v128.load(h), zero)));
      v128.store(h, v128.and(b0, f32x4.gt(v128.load(h, 16), zero)), 16);
      v128.store(h, v128.and(c0, f32x4.gt(v128.load(h, 32), zero)), 32);
      v128.store(h, v128.and(d0, f32x4.gt(v128.load(h, 48), zero)), 48);
      v128.store(h, v128.and(a1, f32x4.gt(v128.load(h, 64), zero)), 64);
      v128.store(h, v128.and(b1, f32x4.gt(v128.load(h, 80), zero)), 80);
      v128.store(h, v128.and(c1, f32x4.gt(v128.load(h, 96), zero)), 96);
      v128.store(h, v128.and(d1, f32x4.gt(v128.load(h, 112), zero)), 112);
      h += 2 * UNITS;
    }
    column = end;
  }
}
