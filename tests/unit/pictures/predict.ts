import { goldenModel } from '../engines/golden.ts';

const {
  'conv.weight': weight,
  'conv.bias': bias,
  'fc.weight': rows,
  'fc.bias': offsets,
} = goldenModel('model_trained');
const [FILTERS, SIDE] = [32, 26];

/** The class that the trained golden network predicts for 28 x 28 pixels, computed in plain loops. */
export function predict(pixels: Float32Array): number {
  const hidden = new Float32Array(FILTERS * SIDE * SIDE);
  for (let filter = 0; filter < FILTERS; filter++) {
    for (let row = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++) {
        let sum = bias[filter];
        for (let i = 0; i < 9; i++) {
          sum += weight[9 * filter + i] * pixels[(row + Math.floor(i / 3)) * 28 + column + (i % 3)];
        }
        hidden[(filter * SIDE + row) * SIDE + column] = Math.max(0, sum);
      }
    }
  }
  const logits = Array.from(offsets, (offset, label) => {
    let sum = offset;
    for (let i = 0; i < hidden.length; i++) sum += hidden[i] * rows[label * hidden.length + i];
    return sum;
  });
  return logits.indexOf(Math.max(...logits));
}
