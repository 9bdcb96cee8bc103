/** target += values; `bytes` is a multiple of 16. */
export function add(target: usize, values: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(target + i, f32x4.add(v128.load(target + i), v128.load(values + i)));
  }
}

/**
 * One update of PyTorch's SGD: the direction is gradient + weightDecay x weight, plus momentum x buffer. Computed in float64
 * and rounded when stored, because with momentum the rounding error of one update affects many later updates.
 * @param buffer address of the momentum buffer; 0 without momentum
 * @param bytes a multiple of 8
 */
export function sgd(
  weights: usize,
  buffer: usize,
  gradient: usize,
  bytes: usize,
  learningRate: f64,
  momentum: f64,
  weightDecay: f64,
): void {
  const rate = f64x2.splat(learningRate);
  const share = f64x2.splat(momentum);
  const decay = f64x2.splat(weightDecay);
  for (let i: usize = 0; i < bytes; i += 8) {
    const weight = f64x2.promote_low_f32x4(v128.load64_zero(weights + i));
    const slope = f64x2.promote_low_f32x4(v128.load64_zero(gradient + i));
    let direction = f64x2.add(slope, f64x2.mul(decay, weight));
    if (buffer) {
      const before = f64x2.promote_low_f32x4(v128.load64_zero(buffer + i));
      direction = f64x2.add(f64x2.mul(share, before), direction);
      v128.store64_lane(buffer + i, f32x4.demote_f64x2_zero(direction), 0);
    }
    const moved = f64x2.sub(weight, f64x2.mul(rate, direction));
    v128.store64_lane(weights + i, f32x4.demote_f64x2_zero(moved), 0);
  }
}
