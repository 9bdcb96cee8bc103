import { ITEM, UNITS } from './shape';

/**
 * The squared error of a tile against its target: the tile becomes scale x (activation - target), and each image's
 * sum of squares is added to its value. With `masked`, only active units (activation > 0) have a derivative.
 * @param values float64, [blocks][4 images]
 */
export function squaredErrorTile(
  tile: usize,
  target: usize,
  values: usize,
  positions: i32,
  blocks: i32,
  scale: f32,
  masked: bool,
): void {
  const zero = f32x4.splat(0);
  const factor = f32x4.splat(scale);
  for (let block = 0; block < blocks; block++) {
    let sum = zero;
    let at = usize(block) * UNITS;
    for (let position = 0; position < positions; position++) {
      for (let end = at + UNITS; at < end; at += ITEM) {
        const h = v128.load(tile + at);
        const difference = f32x4.sub(h, v128.load(target + at));
        sum = f32x4.add(sum, f32x4.mul(difference, difference));
        const derivative = f32x4.mul(factor, difference);
        v128.store(tile + at, masked ? v128.and(derivative, f32x4.gt(h, zero)) : derivative);
      }
      at += usize(blocks - 1) * UNITS;
    }
    addValues(values + usize(block) * 32, sum);
  }
}

/**
 * A given cotangent: the tile becomes the cotangent (with `masked`, only of active units), and each image's sum of
 * cotangent x activation is added to its value.
 */
export function cotangentTile(
  tile: usize,
  cotangent: usize,
  values: usize,
  positions: i32,
  blocks: i32,
  masked: bool,
): void {
  const zero = f32x4.splat(0);
  for (let block = 0; block < blocks; block++) {
    let sum = zero;
    let at = usize(block) * UNITS;
    for (let position = 0; position < positions; position++) {
      for (let end = at + UNITS; at < end; at += ITEM) {
        const h = v128.load(tile + at);
        const given = v128.load(cotangent + at);
        sum = f32x4.add(sum, f32x4.mul(given, h));
        v128.store(tile + at, masked ? v128.and(given, f32x4.gt(h, zero)) : given);
      }
      at += usize(blocks - 1) * UNITS;
    }
    addValues(values + usize(block) * 32, sum);
  }
}

// @ts-ignore: decorator
@inline
function addValues(address: usize, sums: v128): void {
  v128.store(address, f64x2.add(v128.load(address), f64x2.promote_low_f32x4(sums)));
  const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(sums, sums, 2, 3, 2, 3));
  v128.store(address, f64x2.add(v128.load(address, 16), high), 16);
}
