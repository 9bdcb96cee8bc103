import { Mt19937 } from './mt19937.ts';

/**
 * The order 0..count-1 shuffled as `torch.randperm` does with a generator of this seed: Fisher-Yates
 * from the front, one 32-bit output per swap.
 */
export function randomOrder(seed: number, count: number): Int32Array<ArrayBuffer> {
  const generator = new Mt19937(seed);
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  for (let i = 0; i < count - 1; i++) {
    const other = i + generator.below(count - i);
    const moved = order[i];
    order[i] = order[other];
    order[other] = moved;
  }
  return order;
}

/**
 * The order of one training epoch. As PyTorch's DataLoader with `shuffle=True`, it draws two 64-bit words:
 * the loader's base seed, which is not used, and the seed of the shuffle.
 */
export function trainingOrder(generator: Mt19937, count: number): Int32Array<ArrayBuffer> {
  generator.random64();
  return randomOrder(generator.random64().low, count);
}

/** Skips the numbers that PyTorch's DataLoader draws for a pass over the test set, to stay in sync. */
export function skipEvaluationDraw(generator: Mt19937): void {
  generator.random64();
}
