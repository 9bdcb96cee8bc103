import { CallError } from '../callError.ts';
import { NumpyRandomState } from './noise.ts';

/** The starting image of a metamer. */
export type MetamerStart =
  /** mean + scale x standard normal noise; the notebook's is scale 1, mean 0, seed 314. Not clipped. */
  | { kind: 'noise'; scale: number; mean: number; seed: number }
  /** Uniform in [0, 1). */
  | { kind: 'uniform'; seed: number }
  /** Every pixel the same. */
  | { kind: 'blank'; value: number }
  | { kind: 'image'; image: Float32Array };

/** Creates a starting image with `pixels` pixels. */
export function startingImage(start: MetamerStart, pixels: number): Float32Array {
  switch (start.kind) {
    case 'noise': {
      assertFinite('scale', start.scale);
      assertFinite('mean', start.mean);
      const random = new NumpyRandomState(start.seed);
      return Float32Array.from({ length: pixels }, () => start.mean + start.scale * random.normal());
    }
    case 'uniform': {
      const random = new NumpyRandomState(start.seed);
      return Float32Array.from({ length: pixels }, () => random.uniform());
    }
    case 'blank':
      assertFinite('value', start.value);
      return new Float32Array(pixels).fill(start.value);
    case 'image':
      if (start.image.length !== pixels) {
        throw new CallError(
          'startingImage',
          `expected an image of ${pixels} pixels, found ${start.image.length}`,
        );
      }
      return start.image.slice();
    default:
      return start satisfies never;
  }
}

function assertFinite(name: string, value: number): void {
  if (!Number.isFinite(value)) {
    throw new CallError('startingImage', `expected a finite ${name}, found ${value}`);
  }
}
