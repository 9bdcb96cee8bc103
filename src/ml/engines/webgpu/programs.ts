import { compileProgram } from './device/compile.ts';
import type { Binding, BufferName, Kernel } from './kernels/kernel.ts';

export interface Program {
  name: string;
  bindings: Binding[];
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
  /** Bindings with a dynamic offset, in order of binding number. */
  offsets: BufferName[];
}

/** A binding with an offset that each dispatch chooses. */
export function hasDynamicOffset({ name }: Binding): boolean {
  return name === 'record' || name === 'nextRecord';
}

/** Compiles each kernel once, on first use. */
export class Programs {
  readonly #device: GPUDevice;
  readonly #compiled = new Map<string, Promise<Program>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  get(kernel: Kernel): Promise<Program> {
    let program = this.#compiled.get(kernel.name);
    if (!program) {
      program = this.#compile(kernel);
      this.#compiled.set(kernel.name, program);
    }
    return program;
  }

  async #compile({ name, code, bindings }: Kernel): Promise<Program> {
    const layout = this.#device.createBindGroupLayout({
      label: name,
      entries: bindings.map((binding, index) => ({
        binding: index,
        visibility: GPUShaderStage.COMPUTE,
        buffer: {
          type: binding.access === 'read' ? 'read-only-storage' : 'storage',
          hasDynamicOffset: hasDynamicOffset(binding),
        },
      })),
    });
    const pipeline = await compileProgram(this.#device, { name, code, layout });
    const offsets = bindings.filter(hasDynamicOffset).map((binding) => binding.name);
    return { name, bindings, pipeline, layout, offsets };
  }
}
