import { CallError } from '../callError.ts';
import type { Matrix } from '../linear/matrix.ts';
import { zeros } from '../linear/matrix.ts';

/** A stream of random numbers, the same on every machine for the same seed and stream number. */
export interface RandomStream {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
}

/** Chris Doty-Humphrey's sfc32 (PractRand) with polar normals; `stream` tells apart uses of one seed. */
export function randomStream(seed: number, stream = 0): RandomStream {
  if (!Number.isSafeInteger(seed)) {
    throw new CallError('randomStream', `expected a whole number as seed, found ${seed}`);
  }
  let a = seed | 0;
  let b = Math.floor(seed / 4294967296) | 0;
  let c = stream | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 16; i++) next();
  let spare = 0;
  let hasSpare = false;
  return {
    uniform: () => next() / 4294967296,
    normal: () => {
      if (hasSpare) {
        hasSpare = false;
        return spare;
      }
      for (;;) {
        const x = (next() + 0.5) / 2147483648 - 1;
        const y = (next() + 0.5) / 2147483648 - 1;
        const square = x * x + y * y;
        if (square >= 1 || square === 0) continue;
        const scale = Math.sqrt((-2 * Math.log(square)) / square);
        spare = y * scale;
        hasSpare = true;
        return x * scale;
      }
    },
  };
}

/** A [rows, columns] matrix of independent standard normals. */
export function gaussianMatrix(rows: number, columns: number, random: RandomStream): Matrix {
  const matrix = zeros(rows, columns);
  for (let i = 0; i < matrix.data.length; i++) matrix.data[i] = random.normal();
  return matrix;
}
