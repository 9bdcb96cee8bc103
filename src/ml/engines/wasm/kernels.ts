import { CallError } from '../../callError.ts';
import { fusedKernels, plainKernels } from './generated/kernels.ts';

/** Whether a product and a sum are rounded once (relaxed SIMD's multiply-add) or twice. */
export type Arithmetic = 'fused' | 'plain';

/** The exports of assembly/index.ts. Sizes are integers; addresses are byte offsets in the memory. */
export interface Kernels {
  fuses(x: number): number;
  configure(
    height: number,
    width: number,
    kernelSize: number,
    filters: number,
    paddedClasses: number,
    tileWidth: number,
  ): void;
  place(
    filterWeights: number,
    filterFirst: number,
    filterSecond: number,
    denseWeights: number,
    denseFirst: number,
    denseSecond: number,
    tile: number,
    other: number,
    gradient: number,
    sums: number,
    offsets: number,
    ones: number,
  ): void;
  packBytes(source: number, count: number, items: number, blocks: number): void;
  packFloats(source: number, count: number, items: number, blocks: number): void;
  unpackFloats(blocks: number, count: number, items: number, target: number): void;
  forwardGroups(images: number, blocks: number, firstGroup: number, endGroup: number, partials: number): void;
  trainGroups(
    images: number,
    blocks: number,
    cotangent: number,
    firstGroup: number,
    endGroup: number,
    stepSize: number,
    correction: number,
  ): void;
  adam(
    weights: number,
    first: number,
    second: number,
    gradient: number,
    bytes: number,
    stepSize: number,
    correction: number,
  ): void;
  forwardHidden(images: number, count: number, groups: number, rectify: boolean, target: number): void;
  imageGradientOfLogits(
    images: number,
    blocks: number,
    groups: number,
    cotangent: number,
    result: number,
  ): void;
  imageGradientOfHidden(
    images: number,
    count: number,
    groups: number,
    rectify: boolean,
    given: number,
    squared: boolean,
    scale: number,
    values: number,
    result: number,
  ): void;
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Creates the exports of a module of kernels on the memory. */
export async function instantiate(base64: string, memory: WebAssembly.Memory): Promise<WebAssembly.Exports> {
  const { instance } = await WebAssembly.instantiate(decode(base64), { env: { memory } });
  return instance.exports;
}

async function instantiateFused(base64: string, memory: WebAssembly.Memory): Promise<Kernels> {
  const exports = await instantiate(base64, memory);
  if (!areKernels(exports)) {
    throw new CallError(
      'createWasmEngine',
      'expected the kernels of this version, found others; build them again',
    );
  }
  return exports;
}

function areKernels(exports: WebAssembly.Exports): exports is WebAssembly.Exports & Kernels {
  return typeof exports.configure === 'function' && typeof exports.trainGroups === 'function';
}

/**
 * Detects this machine's arithmetic: `fused` if WebAssembly has relaxed SIMD and the processor's multiply-add really
 * rounds once.
 * @throws without WebAssembly SIMD, which every browser since 2023 has.
 */
export async function availableArithmetic(): Promise<Arithmetic> {
  if (!WebAssembly.validate(decode(plainKernels))) {
    throw new CallError('createWasmEngine', 'expected a browser with WebAssembly SIMD, found none');
  }
  if (!WebAssembly.validate(decode(fusedKernels))) {
    return 'plain';
  }
  const kernels = await instantiateFused(fusedKernels, new WebAssembly.Memory({ initial: 1 }));
  return kernels.fuses(1) === 1 ? 'fused' : 'plain';
}

/** Creates an instance of the kernels on the memory. */
export function instantiateKernels(arithmetic: Arithmetic, memory: WebAssembly.Memory): Promise<Kernels> {
  return instantiateFused(arithmetic === 'fused' ? fusedKernels : plainKernels, memory);
}
