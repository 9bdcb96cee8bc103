import { ShaderError } from '../engine.ts';
import type { Binding, BufferName, Kernel } from './kernels/kernel.ts';

export interface Program {
  name: string;
  bindings: Binding[];
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
  /** Bindings with a dynamic offset, in their order. */
  offsets: BufferName[];
}

/** Bound at an offset that each dispatch chooses. */
export function hasDynamicOffset({ name }: Binding): boolean {
  return name === 'record' || name === 'nextRecord';
}

/**
 * Compiles each kernel once, when it is first needed. The WGSL is that of the base specification, without language extensions
 * or optional features. @throws ShaderError where the browser does not compile it.
 */
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
    const module = this.#device.createShaderModule({ label: name, code });
    const pipeline = await this.#device
      .createComputePipelineAsync({
        label: name,
        layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main' },
      })
      .catch(async (error: unknown) => {
        if (!(error instanceof GPUPipelineError) || error.reason !== 'validation') throw error;
        const { messages } = await module.getCompilationInfo();
        const found = messages.find(({ type }) => type === 'error');
        const where = found ? `line ${found.lineNum}: ${found.message}` : error.message;
        throw new ShaderError(
          `webgpu: expected a browser that compiles the program ${name}, found: ${where.trim()}`,
        );
      });
    const offsets = bindings.filter(hasDynamicOffset).map((binding) => binding.name);
    return { name, bindings, pipeline, layout, offsets };
  }
}
