import { PIXEL } from './shape';

/**
 * Max-pools maps of activations with windows of size x size; the stride is the size.
 * @param winners out, whole numbers of the result's shape: the index of the window's largest pixel, of several the first in
 *   row-major order
 */
export function pool(
  input: usize,
  plane: usize,
  pitch: usize,
  maps: i32,
  rows: i32,
  columns: i32,
  size: i32,
  output: usize,
  outPlane: usize,
  outPitch: usize,
  winners: usize,
): void {
  for (let map = 0; map < maps; map++) {
    for (let row = 0; row < rows; row++) {
      const from = input + usize(map) * plane + usize(row * size) * pitch;
      const to = output + usize(map) * outPlane + usize(row) * outPitch;
      for (let column = 0; column < columns; column++) {
        const corner = from + usize(column * size) * PIXEL;
        const out = to + usize(column) * PIXEL;
        for (let part: usize = 0; part < PIXEL; part += 16) {
          let best = v128.load(corner + part);
          let winner = i32x4.splat(0);
          for (let y = 0, number = 0; y < size; y++) {
            for (let x = 0; x < size; x++, number++) {
              const value = v128.load(corner + usize(y) * pitch + usize(x) * PIXEL + part);
              const larger = f32x4.gt(value, best);
              best = v128.bitselect(value, best, larger);
              winner = v128.bitselect(i32x4.splat(number), winner, larger);
            }
          }
          v128.store(out + part, best);
          v128.store(winners + part, winner);
        }
        winners += PIXEL;
      }
    }
  }
}

/**
 * The gradient of max-pool: the winner gets the unit's gradient, the rest of the window 0.
 * @param pooled the pool's activations: the gradient is kept where they are positive. Address 0 keeps the whole gradient
 */
export function unpool(
  cotangent: usize,
  plane: usize,
  pitch: usize,
  maps: i32,
  rows: i32,
  columns: i32,
  size: i32,
  winners: usize,
  result: usize,
  resultPlane: usize,
  resultPitch: usize,
  pooled: usize,
  pooledPlane: usize,
  pooledPitch: usize,
): void {
  const zero = f32x4.splat(0);
  for (let map = 0; map < maps; map++) {
    for (let row = 0; row < rows; row++) {
      const from = cotangent + usize(map) * plane + usize(row) * pitch;
      const to = result + usize(map) * resultPlane + usize(row * size) * resultPitch;
      const mask = pooled + usize(map) * pooledPlane + usize(row) * pooledPitch;
      for (let column = 0; column < columns; column++) {
        const at = usize(column) * PIXEL;
        const corner = to + usize(column * size) * PIXEL;
        for (let part: usize = 0; part < PIXEL; part += 16) {
          let value = v128.load(from + at + part);
          if (pooled) {
            value = v128.and(value, f32x4.gt(v128.load(mask + at + part), zero));
          }
          const winner = v128.load(winners + part);
          for (let y = 0, number = 0; y < size; y++) {
            for (let x = 0; x < size; x++, number++) {
              const mine = v128.and(value, i32x4.eq(winner, i32x4.splat(number)));
              v128.store(corner + usize(y) * resultPitch + usize(x) * PIXEL + part, mine);
            }
          }
        }
        winners += PIXEL;
      }
    }
  }
}

/** ReLU in place, on the first `rowBytes` bytes of each row; the rows begin at `values`. */
export function rectify(
  values: usize,
  plane: usize,
  pitch: usize,
  maps: i32,
  rows: i32,
  rowBytes: usize,
): void {
  const zero = f32x4.splat(0);
  for (let map = 0; map < maps; map++) {
    for (let row = 0; row < rows; row++) {
      let at = values + usize(map) * plane + usize(row) * pitch;
      for (const end = at + rowBytes; at < end; at += 16) {
        v128.store(at, f32x4.pmax(zero, v128.load(at)));
      }
    }
  }
}

/** Keeps values where the other array is positive, and sets the rest to 0. Each array has its own strides. */
export function keepPositive(
  values: usize,
  plane: usize,
  pitch: usize,
  others: usize,
  othersPlane: usize,
  othersPitch: usize,
  maps: i32,
  rows: i32,
  rowBytes: usize,
): void {
  const zero = f32x4.splat(0);
  for (let map = 0; map < maps; map++) {
    for (let row = 0; row < rows; row++) {
      let at = values + usize(map) * plane + usize(row) * pitch;
      let other = others + usize(map) * othersPlane + usize(row) * othersPitch;
      for (const end = at + rowBytes; at < end; at += 16) {
        v128.store(at, v128.and(v128.load(at), f32x4.gt(v128.load(other), zero)));
        other += 16;
      }
    }
  }
}

/** Multiplies values by factors; the factors have no gaps between rows. */
export function multiply(
  values: usize,
  plane: usize,
  pitch: usize,
  factors: usize,
  maps: i32,
  rows: i32,
  rowBytes: usize,
): void {
  for (let map = 0; map < maps; map++) {
    for (let row = 0; row < rows; row++) {
      let at = values + usize(map) * plane + usize(row) * pitch;
      for (const end = at + rowBytes; at < end; at += 16) {
        v128.store(at, f32x4.mul(v128.load(at), v128.load(factors)));
        factors += 16;
      }
    }
  }
}

/** The gradients of biases: sums over each map and the images. @param accumulate adds to the earlier shards' gradients. */
export function biasGradient(
  cotangent: usize,
  plane: usize,
  pitch: usize,
  maps: i32,
  rows: i32,
  rowBytes: usize,
  gradient: usize,
  accumulate: bool,
): void {
  for (let map = 0; map < maps; map++) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let row = 0; row < rows; row++) {
      let at = cotangent + usize(map) * plane + usize(row) * pitch;
      for (const end = at + rowBytes; at < end; at += PIXEL) {
        a = f32x4.add(a, v128.load(at));
        b = f32x4.add(b, v128.load(at, 16));
        c = f32x4.add(c, v128.load(at, 32));
        d = f32x4.add(d, v128.load(at, 48));
      }
    }
    const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    const low = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1);
    const total = low + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
    store<f32>(gradient, accumulate ? load<f32>(gradient) + total : total);
    gradient += 4;
  }
}

/** Copies rows without gaps to rows with strides. */
export function spread(
  flat: usize,
  values: usize,
  plane: usize,
  pitch: usize,
  maps: i32,
  rows: i32,
  rowBytes: usize,
): void {
  for (let map = 0; map < maps; map++) {
    for (let row = 0; row < rows; row++) {
      memory.copy(values + usize(map) * plane + usize(row) * pitch, flat, rowBytes);
      flat += rowBytes;
    }
  }
}

/** Sets rows with strides to 0. */
export function clear(
  values: usize,
  plane: usize,
  pitch: usize,
  maps: i32,
  rows: i32,
  rowBytes: usize,
): void {
  for (let map = 0; map < maps; map++) {
    for (let row = 0; row < rows; row++) {
      memory.fill(values + usize(map) * plane + usize(row) * pitch, 0, rowBytes);
    }
  }
}
