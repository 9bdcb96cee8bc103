import { CallError } from '../../../callError.ts';
import { compileProgram } from '../device/compile.ts';
import type { OwnedDevice } from '../device/device.ts';
import { Queue } from '../device/queue.ts';
import type { BufferRef, Dispatch } from './programs.ts';

interface Compiled {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

/** The engine's buffers and its compiled programs; it encodes dispatches. */
export class Runner {
  readonly queue: Queue;
  readonly #owned: OwnedDevice;
  readonly #buffers = new Map<string, GPUBuffer>();
  readonly #compiled = new Map<string, Compiled>();
  readonly #groups = new Map<string, GPUBindGroup>();
  #record?: GPUBuffer;
  #recordStride = 0;

  constructor(owned: OwnedDevice) {
    this.#owned = owned;
    this.queue = new Queue(owned);
  }

  /** Compiles programs that are not compiled yet. */
  async compile(dispatches: (Dispatch | undefined)[]): Promise<void> {
    const missing = new Map(
      dispatches
        .flatMap((dispatch) => (dispatch ? [dispatch.program] : []))
        .filter(({ code }) => !this.#compiled.has(code))
        .map((program) => [program.code, program]),
    );
    if (missing.size === 0) return;
    await this.#owned.untilLost(
      Promise.all(
        [...missing.values()].map(async ({ name, code, access }) => {
          const { device } = this.#owned;
          const layout = device.createBindGroupLayout({
            label: name,
            entries: [
              {
                binding: 0,
                visibility: GPUShaderStage.COMPUTE,
                buffer: { type: 'read-only-storage', hasDynamicOffset: true },
              },
              ...access.map((each, i) => ({
                binding: i + 1,
                visibility: GPUShaderStage.COMPUTE,
                buffer: { type: each === 'read' ? ('read-only-storage' as const) : ('storage' as const) },
              })),
            ],
          });
          const pipeline = await compileProgram(device, { name, code, layout });
          this.#compiled.set(code, { pipeline, layout });
        }),
      ),
    );
  }

  /** Returns the buffer, creating or enlarging it if needed; enlarging loses its contents. */
  ensure(ref: BufferRef, bytes: number): GPUBuffer {
    const key = keyOf(ref);
    const before = this.#buffers.get(key);
    if (before && before.size >= bytes) return before;
    const most = this.#owned.device.limits.maxStorageBufferBindingSize;
    if (bytes > most) {
      throw new CallError(
        'webgpu',
        `expected at most ${most} bytes in one buffer on this device, found ${bytes} for ${key}; make the batch or the network smaller`,
      );
    }
    before?.destroy();
    const buffer = this.#owned.device.createBuffer({
      label: key,
      size: Math.max(16, bytes),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    });
    this.#buffers.set(key, buffer);
    this.#groups.clear();
    return buffer;
  }

  buffer(ref: BufferRef): GPUBuffer {
    const buffer = this.#buffers.get(keyOf(ref));
    if (!buffer)
      throw new CallError('webgpu', `expected a buffer of ${keyOf(ref)} in a live engine, found none`);
    return buffer;
  }

  /** Writes records at intervals of `stride` bytes. */
  writeRecords(records: ArrayBuffer, stride: number): void {
    if (!this.#record || this.#record.size < records.byteLength || this.#recordStride !== stride) {
      this.#record?.destroy();
      this.#record = this.#owned.device.createBuffer({
        label: 'records',
        size: records.byteLength,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
      });
      this.#recordStride = stride;
      this.#groups.clear();
    }
    this.queue.write(this.#record, 0, records);
  }

  dispatch(pass: GPUComputePassEncoder, dispatch: Dispatch, count: number, record = 0): void {
    const { program, buffers, workgroups } = dispatch;
    const compiled = this.#compiled.get(program.code);
    if (!compiled || !this.#record) {
      throw new CallError('webgpu', `expected ${program.name} to be compiled, found that it is not`);
    }
    const key = `${buffers.map(keyOf).join()} ${program.code}`;
    let group = this.#groups.get(key);
    if (!group) {
      group = this.#owned.device.createBindGroup({
        layout: compiled.layout,
        entries: [
          { binding: 0, resource: { buffer: this.#record, size: this.#recordStride } },
          ...buffers.map((ref, i) => ({ binding: i + 1, resource: { buffer: this.buffer(ref) } })),
        ],
      });
      this.#groups.set(key, group);
    }
    pass.setPipeline(compiled.pipeline);
    pass.setBindGroup(0, group, [record * this.#recordStride]);
    pass.dispatchWorkgroups(...workgroups(count));
  }

  destroy(): void {
    for (const buffer of this.#buffers.values()) buffer.destroy();
    this.#buffers.clear();
    this.#groups.clear();
    this.#record?.destroy();
    this.#record = undefined;
    this.queue.destroy();
  }
}

function keyOf(ref: BufferRef): string {
  return typeof ref === 'string' ? ref : Object.entries(ref).flat().join(' ');
}
