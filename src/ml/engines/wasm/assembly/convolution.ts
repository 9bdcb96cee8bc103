import { laneSums, madd } from './arithmetic';
import { filterBytes, imageBytes, ITEM, kernel, taps, UNITS, width } from './shape';

/**
 * The convolution of one group of four channels over part of an output row.
 * @param image first pixel under the tile, of its first block of images
 * @param tile out, [positions][blocks][4 channels][8 images]
 */
export function convolve(
  image: usize,
  filter: usize,
  tile: usize,
  positions: i32,
  blocks: i32,
  rectify: bool,
): void {
  const rowBytes = usize(width) * ITEM;
  const bias = filter + usize(taps) * 16;
  // pmax lets NaN through, so that a diverged run shows.
  const floor = rectify ? f32x4.splat(0) : f32x4.splat(-f32.POSITIVE_INFINITY);
  for (let block = 0; block < blocks; block++) {
    let corner = image + usize(block) * imageBytes;
    let out = tile + usize(block) * UNITS;
    for (let position = 0; position < positions; position++) {
      let a0 = v128.load_splat<f32>(bias);
      let a1 = a0;
      let b0 = v128.load_splat<f32>(bias, 4);
      let b1 = b0;
      let c0 = v128.load_splat<f32>(bias, 8);
      let c1 = c0;
      let d0 = v128.load_splat<f32>(bias, 12);
      let d1 = d0;
      let row = corner;
      let weight = filter;
      let ky = kernel;
      do {
        let pixel = row;
        let kx = kernel;
        // Three taps at a time, then what is left of the row.
        while (kx >= 3) {
          let x0 = v128.load(pixel);
          let x1 = v128.load(pixel, 16);
          let w = v128.load_splat<f32>(weight);
          a0 = madd(w, x0, a0);
          a1 = madd(w, x1, a1);
          w = v128.load_splat<f32>(weight, 4);
          b0 = madd(w, x0, b0);
          b1 = madd(w, x1, b1);
          w = v128.load_splat<f32>(weight, 8);
          c0 = madd(w, x0, c0);
          c1 = madd(w, x1, c1);
          w = v128.load_splat<f32>(weight, 12);
          d0 = madd(w, x0, d0);
          d1 = madd(w, x1, d1);
          x0 = v128.load(pixel, 32);
          x1 = v128.load(pixel, 48);
          w = v128.load_splat<f32>(weight, 16);
          a0 = madd(w, x0, a0);
          a1 = madd(w, x1, a1);
          w = v128.load_splat<f32>(weight, 20);
          b0 = madd(w, x0, b0);
          b1 = madd(w, x1, b1);
          w = v128.load_splat<f32>(weight, 24);
          c0 = madd(w, x0, c0);
          c1 = madd(w, x1, c1);
          w = v128.load_splat<f32>(weight, 28);
          d0 = madd(w, x0, d0);
          d1 = madd(w, x1, d1);
          x0 = v128.load(pixel, 64);
          x1 = v128.load(pixel, 80);
          w = v128.load_splat<f32>(weight, 32);
          a0 = madd(w, x0, a0);
          a1 = madd(w, x1, a1);
          w = v128.load_splat<f32>(weight, 36);
          b0 = madd(w, x0, b0);
          b1 = madd(w, x1, b1);
          w = v128.load_splat<f32>(weight, 40);
          c0 = madd(w, x0, c0);
          c1 = madd(w, x1, c1);
          w = v128.load_splat<f32>(weight, 44);
          d0 = madd(w, x0, d0);
          d1 = madd(w, x1, d1);
          pixel += 96;
          weight += 48;
          kx -= 3;
        }
        while (kx > 0) {
          const x0 = v128.load(pixel);
          const x1 = v128.load(pixel, 16);
          let w = v128.load_splat<f32>(weight);
          a0 = madd(w, x0, a0);
          a1 = madd(w, x1, a1);
          w = v128.load_splat<f32>(weight, 4);
          b0 = madd(w, x0, b0);
          b1 = madd(w, x1, b1);
          w = v128.load_splat<f32>(weight, 8);
          c0 = madd(w, x0, c0);
          c1 = madd(w, x1, c1);
          w = v128.load_splat<f32>(weight, 12);
          d0 = madd(w, x0, d0);
          d1 = madd(w, x1, d1);
          pixel += ITEM;
          weight += 16;
          kx--;
        }
        row += rowBytes;
        ky--;
      } while (ky > 0);
      v128.store(out, f32x4.pmax(a0, floor));
      v128.store(out, f32x4.pmax(a1, floor), 16);
      v128.store(out, f32x4.pmax(b0, floor), 32);
      v128.store(out, f32x4.pmax(b1, floor), 48);
      v128.store(out, f32x4.pmax(c0, floor), 64);
      v128.store(out, f32x4.pmax(c1, floor), 80);
      v128.store(out, f32x4.pmax(d0, floor), 96);
      v128.store(out, f32x4.pmax(d1, floor), 112);
      corner += ITEM;
      out += usize(blocks) * UNITS;
    }
  }
}

/**
 * Adds one tile's share of a group's filter gradient: sums over positions and images of d(hidden) x pixel.
 * Three taps at a time, so that 12 sums stay in registers.
 * @param tile d(hidden), [positions][blocks][4 channels][8 images]
 * @param offsets byte offset of each tap from the first, a multiple of three of them (the rest repeat the first)
 * @param sums in and out, [taps, padded to a multiple of three, then the bias][4 channels] vectors
 */
export function addFilterGradient(
  image: usize,
  tile: usize,
  positions: i32,
  blocks: i32,
  offsets: usize,
  sums: usize,
): void {
  const step = usize(blocks) * UNITS;
  for (let tap = 0; tap < taps; tap += 3) {
    const offset = offsets + (usize(tap) << 2);
    const first = image + usize(load<u32>(offset));
    const second = usize(load<u32>(offset, 4)) - usize(load<u32>(offset));
    const third = usize(load<u32>(offset, 8)) - usize(load<u32>(offset));
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let c0 = a0;
    let c1 = a0;
    let c2 = a0;
    let d0 = a0;
    let d1 = a0;
    let d2 = a0;
    for (let block = 0; block < blocks; block++) {
      let x = first + usize(block) * imageBytes;
      let h = tile + usize(block) * UNITS;
      for (let position = 0; position < positions; position++) {
        let x0 = v128.load(x);
        let x1 = v128.load(x + second);
        let x2 = v128.load(x + third);
        let d = v128.load(h);
        a0 = madd(d, x0, a0);
        a1 = madd(d, x1, a1);
        a2 = madd(d, x2, a2);
        d = v128.load(h, 32);
        b0 = madd(d, x0, b0);
        b1 = madd(d, x1, b1);
        b2 = madd(d, x2, b2);
        d = v128.load(h, 64);
        c0 = madd(d, x0, c0);
        c1 = madd(d, x1, c1);
        c2 = madd(d, x2, c2);
        d = v128.load(h, 96);
        d0 = madd(d, x0, d0);
        d1 = madd(d, x1, d1);
        d2 = madd(d, x2, d2);
        x0 = v128.load(x, 16);
        x1 = v128.load(x + second, 16);
        x2 = v128.load(x + third, 16);
        d = v128.load(h, 16);
        a0 = madd(d, x0, a0);
        a1 = madd(d, x1, a1);
        a2 = madd(d, x2, a2);
        d = v128.load(h, 48);
        b0 = madd(d, x0, b0);
        b1 = madd(d, x1, b1);
        b2 = madd(d, x2, b2);
        d = v128.load(h, 80);
        c0 = madd(d, x0, c0);
        c1 = madd(d, x1, c1);
        c2 = madd(d, x2, c2);
        d = v128.load(h, 112);
        d0 = madd(d, x0, d0);
        d1 = madd(d, x1, d1);
        d2 = madd(d, x2, d2);
        x += ITEM;
        h += step;
      }
    }
    const sum = sums + usize(tap) * 64;
    addTo(sum, a0);
    addTo(sum + 16, b0);
    addTo(sum + 32, c0);
    addTo(sum + 48, d0);
    addTo(sum + 64, a1);
    addTo(sum + 80, b1);
    addTo(sum + 96, c1);
    addTo(sum + 112, d1);
    addTo(sum + 128, a2);
    addTo(sum + 144, b2);
    addTo(sum + 160, c2);
    addTo(sum + 176, d2);
  }
  addBiasGradient(tile, positions * blocks, sums + usize((taps + 2) / 3 * 3) * 64);
}

function addBiasGradient(tile: usize, count: i32, sum: usize): void {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let h = tile;
  for (let i = 0; i < count; i++) {
    a = f32x4.add(a, f32x4.add(v128.load(h), v128.load(h, 16)));
    b = f32x4.add(b, f32x4.add(v128.load(h, 32), v128.load(h, 48)));
    c = f32x4.add(c, f32x4.add(v128.load(h, 64), v128.load(h, 80)));
    d = f32x4.add(d, f32x4.add(v128.load(h, 96), v128.load(h, 112)));
    h += UNITS;
  }
  addTo(sum, a);
  addTo(sum + 16, b);
  addTo(sum + 32, c);
  addTo(sum + 48, d);
}

// @ts-ignore: decorator
@inline
function addTo(address: usize, value: v128): void {
  v128.store(address, f32x4.add(v128.load(address), value));
}

/** The sums of `addFilterGradient` over their lanes, in the filters' own layout [taps + 1][4 channels]. */
export function collectFilterGradient(sums: usize, gradient: usize): void {
  for (let tap = 0; tap <= taps; tap++) {
    const from = sums + usize(tap == taps ? (taps + 2) / 3 * 3 : tap) * 64;
    const sum = laneSums(v128.load(from), v128.load(from, 16), v128.load(from, 32), v128.load(from, 48));
    v128.store(gradient + usize(tap) * 16, sum);
  }
}

/** Adds one tile's share of d / d(pixels): every hidden unit's derivative times its filter, onto the pixels under it. */
export function addImageGradient(
  tile: usize,
  filter: usize,
  image: usize,
  positions: i32,
  blocks: i32,
): void {
  const rowBytes = usize(width - kernel) * ITEM;
  for (let block = 0; block < blocks; block++) {
    let corner = image + usize(block) * imageBytes;
    let h = tile + usize(block) * UNITS;
    for (let position = 0; position < positions; position++) {
      const a0 = v128.load(h);
      const a1 = v128.load(h, 16);
      const b0 = v128.load(h, 32);
      const b1 = v128.load(h, 48);
      const c0 = v128.load(h, 64);
      const c1 = v128.load(h, 80);
      const d0 = v128.load(h, 96);
      const d1 = v128.load(h, 112);
      let pixel = corner;
      let weight = filter;
      const end = filter + filterBytes - 16;
      while (weight < end) {
        const rowEnd = weight + (usize(kernel) << 4);
        while (weight < rowEnd) {
          let x0 = v128.load(pixel);
          let x1 = v128.load(pixel, 16);
          let w = v128.load_splat<f32>(weight);
          x0 = madd(w, a0, x0);
          x1 = madd(w, a1, x1);
          w = v128.load_splat<f32>(weight, 4);
          x0 = madd(w, b0, x0);
          x1 = madd(w, b1, x1);
          w = v128.load_splat<f32>(weight, 8);
          x0 = madd(w, c0, x0);
          x1 = madd(w, c1, x1);
          w = v128.load_splat<f32>(weight, 12);
          x0 = madd(w, d0, x0);
          x1 = madd(w, d1, x1);
          v128.store(pixel, x0);
          v128.store(pixel, x1, 16);
          pixel += ITEM;
          weight += 16;
        }
        pixel += rowBytes;
      }
      corner += ITEM;
      h += usize(blocks) * UNITS;
    }
  }
}
