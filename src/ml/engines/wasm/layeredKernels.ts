import { CallError } from '../../callError.ts';
import { fusedLayered, plainLayered } from './generated/layered.ts';
import type { Arithmetic } from './kernels.ts';
import { instantiate } from './kernels.ts';

/** A kernel takes addresses in bytes and whole sizes; flags are 0 or 1. assembly/layered documents each argument. */
type Kernel = (...given: number[]) => void;

const NAMES = [
  'adam',
  'add',
  'biasGradient',
  'clear',
  'convolutionGradient',
  'convolve',
  'dropoutFactors',
  'keepPositive',
  'linear',
  'linearGradient',
  'linearInputGradient',
  'multiply',
  'packBytes',
  'packFloats',
  'pool',
  'rectify',
  'sgd',
  'spread',
  'transpose',
  'turn',
  'unpackFloats',
  'unpool',
] as const;

export type LayeredKernels = Record<(typeof NAMES)[number], Kernel>;

function areKernels(exports: WebAssembly.Exports): exports is WebAssembly.Exports & LayeredKernels {
  return NAMES.every((name) => typeof exports[name] === 'function');
}

/** A new instance of the layered kernels on the memory. */
export async function instantiateLayered(
  arithmetic: Arithmetic,
  memory: WebAssembly.Memory,
): Promise<LayeredKernels> {
  const exports = await instantiate(arithmetic === 'fused' ? fusedLayered : plainLayered, memory);
  if (!areKernels(exports)) {
    throw new CallError(
      'createWasmEngine',
      'expected the kernels of this version, found others; build them again',
    );
  }
  return exports;
}
