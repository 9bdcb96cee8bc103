/** Buffers that a program may bind, by what they hold. `sizes.ts` and `layout.ts` say how. */
export type BufferName =
  | 'record'
  | 'nextRecord'
  | 'source'
  | 'batch'
  | 'filters'
  | 'dense'
  | 'partialLogits'
  | 'head'
  | 'filterGradients'
  | 'metrics'
  | 'cotangent'
  | 'activations'
  | 'partialGradient'
  | 'gradient'
  | 'original'
  | 'filterWeight'
  | 'filterBias'
  | 'denseWeight'
  | 'denseBias';

export interface Binding {
  name: BufferName;
  access: 'read' | 'read_write';
  /** WGSL type of the whole binding. */
  type: string;
}

/** A WGSL program with one entry point `main`; a pure function of sizes made it. */
export interface Kernel {
  name: string;
  code: string;
  /** In the order of their binding numbers, all in group 0. */
  bindings: Binding[];
}

/** Threads of a workgroup in every program: two warps, one wave; four times that fits the default limits. */
export const WORKGROUP = 64;

/** Puts a program together: declarations of the bindings, then the body, which holds `fn main`. */
export function makeKernel(name: string, bindings: Binding[], body: string): Kernel {
  const declarations = bindings.map(
    ({ name, access, type }, index) =>
      `@group(0) @binding(${index}) var<storage, ${access}> ${name}: ${type};`,
  );
  return { name, bindings, code: `${declarations.join('\n')}\n${body}` };
}

/** [make(0), make(1), ... make(count - 1)]. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** One line of WGSL per index. */
export function lines(count: number, make: (index: number) => string): string {
  return times(count, make).join('\n');
}

/** A sum of products, as one expression. */
export function sum(terms: string[]): string {
  return terms.join(' + ');
}
