/**
 * One Adam update (Kingma & Ba 2015, as in PyTorch) of `bytes` / 4 values, a multiple of four values.
 * @param stepSize learningRate / (1 - beta1^step)
 * @param correction 1 / sqrt(1 - beta2^step)
 */
export function adam(
  weights: usize,
  first: usize,
  second: usize,
  gradient: usize,
  bytes: usize,
  stepSize: f32,
  correction: f32,
): void {
  const beta1 = f32x4.splat(<f32>0.9);
  const rest1 = f32x4.splat(<f32>0.1);
  const beta2 = f32x4.splat(<f32>0.999);
  const rest2 = f32x4.splat(<f32>0.001);
  const epsilon = f32x4.splat(<f32>1e-8);
  const size = f32x4.splat(stepSize);
  const scale = f32x4.splat(correction);
  for (let i: usize = 0; i < bytes; i += 16) {
    const g = v128.load(gradient + i);
    const m = f32x4.add(f32x4.mul(beta1, v128.load(first + i)), f32x4.mul(rest1, g));
    const v = f32x4.add(f32x4.mul(beta2, v128.load(second + i)), f32x4.mul(rest2, f32x4.mul(g, g)));
    v128.store(first + i, m);
    v128.store(second + i, v);
    const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(v), scale), epsilon);
    const update = f32x4.div(f32x4.mul(size, m), denominator);
    v128.store(weights + i, f32x4.sub(v128.load(weights + i), update));
  }
}
