import { type AttackNorm, attackStartBody, attackStepBody } from '../kernels/attack.ts';
import type { Dispatch } from './programs.ts';
import { layerProgram } from './wgsl.ts';

/** Threads write pixels only to the rows of the batch. */
const WRITE = 'fn write(image: u32, pixel: u32, value: f32) { batch[row(image, pixel)] = value; }';
const GRADIENT = 'fn gradientAt(image: u32, pixel: u32) -> f32 { return gradient[row(image, pixel)]; }';

/** The dispatches that adversarial training adds to those of the operations: one workgroup per image. */
export function attackPrograms(
  pixels: number,
  { norm, randomStart }: { norm: AttackNorm; randomStart: boolean },
): { start: Dispatch; step: Dispatch } {
  const workgroups = (count: number): [number] => [count];
  return {
    start: {
      program: layerProgram(
        'attackStart',
        [
          ['batch', 'read_write'],
          ['original', 'read_write'],
        ],
        attackStartBody(pixels, { norm, randomStart, write: WRITE }),
      ),
      buffers: [{ activations: 0 }, 'original'],
      workgroups,
    },
    step: {
      program: layerProgram(
        'attackStep',
        [
          ['batch', 'read_write'],
          ['original', 'read'],
          ['gradient', 'read'],
        ],
        attackStepBody(pixels, { norm, write: WRITE, gradientAt: GRADIENT }),
      ),
      buffers: [{ activations: 0 }, 'original', { gradient: 0 }],
      workgroups,
    },
  };
}
