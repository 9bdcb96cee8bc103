import { ShaderError } from '../../engine.ts';

interface Source {
  name: string;
  /** WGSL of the base specification, without language extensions or optional features. The entry point is `main`. */
  code: string;
  layout: GPUBindGroupLayout;
}

/** Compiles a program. @throws ShaderError with the compiler's message if the browser rejects the program. */
export async function compileProgram(
  device: GPUDevice,
  { name, code, layout }: Source,
): Promise<GPUComputePipeline> {
  const module = device.createShaderModule({ label: name, code });
  try {
    return await device.createComputePipelineAsync({
      label: name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
    });
  } catch (error) {
    if (!isRejection(error)) throw error;
    const { messages } = await module.getCompilationInfo();
    const found = messages.find(({ type }) => type === 'error');
    const where = found ? `line ${found.lineNum}: ${found.message}` : error.message;
    throw new ShaderError(
      `webgpu: expected a browser that compiles the program ${name}, found: ${where.trim()}`,
    );
  }
}

/** Whether the browser rejected the program. Some browsers lack the global `GPUPipelineError`, so its property tells. */
function isRejection(error: unknown): error is Error & { reason: 'validation' } {
  return error instanceof Error && 'reason' in error && error.reason === 'validation';
}
