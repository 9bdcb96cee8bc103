import { laneSums, madd } from './arithmetic';
import { filterBytes, imageBytes, ITEM, kernel, sumSlots, taps, UNITS, width } from './shape';

/**
 * The convolution of one group of four channels over part of an output row, for two blocks of images at a time.
 * @param image the first pixel under the tile in the tile's first block of images
 * @param tile output, [positions][blocks][4 channels][4 images]
 */
export function convolve(
  image: usize,
  filter: usize,
  tile: usize,
  positions: i32,
  blocks: i32,
  rectify: bool,
): void {
  const rowBytes = usize(width - kernel) * ITEM;
  const step = usize(blocks) * UNITS;
  const bias = filter + usize(taps) * 16;
  // pmax propagates NaN, so a diverged run is visible.
  const floor = rectify ? f32x4.splat(0) : f32x4.splat(-f32.POSITIVE_INFINITY);
  for (let block = 0; block < blocks; block += 2) {
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
      let pixel = corner;
      let weight = filter;
      do {
        const end = weight + (usize(kernel) << 4);
        do {
          const x0 = v128.load(pixel);
          const x1 = v128.load(pixel + imageBytes);
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
        } while (weight < end);
        pixel += rowBytes;
      } while (weight < bias);
      v128.store(out, f32x4.pmax(a0, floor));
      v128.store(out, f32x4.pmax(b0, floor), 16);
      v128.store(out, f32x4.pmax(c0, floor), 32);
      v128.store(out, f32x4.pmax(d0, floor), 48);
      v128.store(out, f32x4.pmax(a1, floor), 64);
      v128.store(out, f32x4.pmax(b1, floor), 80);
      v128.store(out, f32x4.pmax(c1, floor), 96);
      v128.store(out, f32x4.pmax(d1, floor), 112);
      corner += ITEM;
      out += step;
    }
  }
}

/**
 * Adds one tile's part of a group's filter gradient: sums over positions and images of d(hidden) x pixel, two taps at
 * a time, so that 8 sums stay in registers. The bias is a tap whose input is always 1.
 * @param tile d(hidden), [positions][blocks][4 channels][4 images]
 * @param sources byte offset of each sum's input from the first pixel; the bias's is relative to `ones`
 * @param ones a row of ones as long as a tile
 * @param sums input and output, [slots][4 channels] vectors
 */
export function addFilterGradient(
  image: usize,
  tile: usize,
  positions: i32,
  blocks: i32,
  offsets: usize,
  ones: usize,
  sums: usize,
): void {
  const step = usize(blocks) * UNITS;
  for (let slot = 0; slot < sumSlots; slot += 2) {
    const offset = offsets + (usize(slot) << 2);
    const isBias = slot + 1 >= taps;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    for (let block = 0; block < blocks; block++) {
      let x = image + usize(block) * imageBytes + usize(load<u32>(offset));
      let y = isBias ? ones : image + usize(block) * imageBytes + usize(load<u32>(offset, 4));
      let h = tile + usize(block) * UNITS;
      for (let position = 0; position < positions; position++) {
        const x0 = v128.load(x);
        const x1 = v128.load(y);
        let d = v128.load(h);
        a0 = madd(d, x0, a0);
        a1 = madd(d, x1, a1);
        d = v128.load(h, 16);
        b0 = madd(d, x0, b0);
        b1 = madd(d, x1, b1);
        d = v128.load(h, 32);
        c0 = madd(d, x0, c0);
        c1 = madd(d, x1, c1);
        d = v128.load(h, 48);
        d0 = madd(d, x0, d0);
        d1 = madd(d, x1, d1);
        x += ITEM;
        y += ITEM;
        h += step;
      }
    }
    const sum = sums + usize(slot) * 64;
    addTo(sum, a0);
    addTo(sum + 16, b0);
    addTo(sum + 32, c0);
    addTo(sum + 48, d0);
    addTo(sum + 64, a1);
    addTo(sum + 80, b1);
    addTo(sum + 96, c1);
    addTo(sum + 112, d1);
  }
}

// @ts-ignore: decorator
@inline
function addTo(address: usize, value: v128): void {
  v128.store(address, f32x4.add(v128.load(address), value));
}

/** Reduces the lanes of `addFilterGradient`'s sums, in the filters' own layout [taps + 1][4 channels]. */
export function collectFilterGradient(sums: usize, gradient: usize): void {
  for (let tap = 0; tap <= taps; tap++) {
    // The bias is the last slot, after the padding.
    const from = sums + usize(tap == taps ? sumSlots - 1 : tap) * 64;
    const sum = laneSums(v128.load(from), v128.load(from, 16), v128.load(from, 32), v128.load(from, 48));
    v128.store(gradient + usize(tap) * 16, sum);
  }
}

/**
 * Adds one tile's part of d / d(pixels): each hidden unit's derivative times its filter, onto the pixels under it.
 */
export function addImageGradient(
  tile: usize,
  filter: usize,
  image: usize,
  positions: i32,
  blocks: i32,
): void {
  const rowBytes = usize(width - kernel) * ITEM;
  const end = filter + filterBytes - 16;
  for (let block = 0; block < blocks; block += 2) {
    let corner = image + usize(block) * imageBytes;
    let h = tile + usize(block) * UNITS;
    for (let position = 0; position < positions; position++) {
      const a0 = v128.load(h);
      const b0 = v128.load(h, 16);
      const c0 = v128.load(h, 32);
      const d0 = v128.load(h, 48);
      const a1 = v128.load(h, 64);
      const b1 = v128.load(h, 80);
      const c1 = v128.load(h, 96);
      const d1 = v128.load(h, 112);
      let pixel = corner;
      let weight = filter;
      do {
        const rowEnd = weight + (usize(kernel) << 4);
        do {
          let x0 = v128.load(pixel);
          let x1 = v128.load(pixel + imageBytes);
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
          v128.store(pixel + imageBytes, x1);
          pixel += ITEM;
          weight += 16;
        } while (weight < rowEnd);
        pixel += rowBytes;
      } while (weight < end);
      corner += ITEM;
      h += usize(blocks) * UNITS;
    }
  }
}
