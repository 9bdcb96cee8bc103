import { CallError } from '../../callError.ts';
import type { BufferName } from './kernels/kernel.ts';
import { hasDynamicOffset, type Program } from './programs.ts';

/** The buffers of one kind of work (training, inference), enlarged as the work requires, and their bind groups. */
export class Workspace {
  readonly #device: GPUDevice;
  readonly #shared: ReadonlyMap<BufferName, GPUBuffer>;
  readonly #own = new Map<BufferName, GPUBuffer>();
  readonly #groups = new Map<string, GPUBindGroup>();
  #recordBytes = 0;

  /** @param shared buffers shared with other workspaces, freed by their creator. */
  constructor(device: GPUDevice, shared: ReadonlyMap<BufferName, GPUBuffer>) {
    this.#device = device;
    this.#shared = shared;
  }

  /** Returns the buffer of that name, enlarged to at least `bytes`; enlarging loses its content. */
  ensure(name: BufferName, bytes: number): GPUBuffer {
    const present = this.#own.get(name);
    if (present && present.size >= bytes) {
      return present;
    }
    const most = Math.min(this.#device.limits.maxStorageBufferBindingSize, this.#device.limits.maxBufferSize);
    if (bytes > most) {
      throw new CallError(
        'webgpu',
        `expected at most ${most} bytes for "${name}" on this device, found ${bytes}; use a smaller batch`,
      );
    }
    // Queued work keeps the old buffer's memory alive until it has finished.
    present?.destroy();
    const buffer = this.#device.createBuffer({
      label: name,
      size: Math.ceil(bytes / 4) * 4,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    this.#own.set(name, buffer);
    this.#groups.clear();
    return buffer;
  }

  /** Makes room for `count` records of `stride` bytes. */
  ensureRecords(count: number, stride: number): GPUBuffer {
    if (this.#recordBytes !== stride) {
      this.#recordBytes = stride;
      this.#groups.clear();
    }
    return this.ensure('record', count * stride);
  }

  /** Bytes of device memory in use. */
  get bytes(): number {
    return [...this.#own.values()].reduce((total, { size }) => total + size, 0);
  }

  /** Encodes one dispatch; `offsets` are those of the program's record and, if bound, of the next record. */
  dispatch(
    pass: GPUComputePassEncoder,
    program: Program,
    workgroups: readonly [x: number, y?: number],
    offsets: { record: number; nextRecord?: number },
  ): void {
    pass.setPipeline(program.pipeline);
    const dynamic = program.offsets.map((name) =>
      name === 'nextRecord' ? (offsets.nextRecord ?? offsets.record) : offsets.record,
    );
    pass.setBindGroup(0, this.#group(program), dynamic);
    pass.dispatchWorkgroups(...workgroups);
  }

  /** Discards the bind groups after a shared buffer was replaced. */
  rebind(): void {
    this.#groups.clear();
  }

  destroy(): void {
    for (const buffer of this.#own.values()) {
      buffer.destroy();
    }
    this.#own.clear();
    this.#groups.clear();
  }

  #group(program: Program): GPUBindGroup {
    let group = this.#groups.get(program.name);
    if (!group) {
      group = this.#device.createBindGroup({
        label: program.name,
        layout: program.layout,
        entries: program.bindings.map((binding, index) => ({
          binding: index,
          resource: hasDynamicOffset(binding)
            ? { buffer: this.#buffer('record'), size: this.#recordBytes }
            : { buffer: this.#buffer(binding.name) },
        })),
      });
      this.#groups.set(program.name, group);
    }
    return group;
  }

  #buffer(name: BufferName): GPUBuffer {
    const buffer = this.#own.get(name) ?? this.#shared.get(name);
    if (!buffer) {
      throw new CallError('webgpu', `expected a buffer "${name}", found none`);
    }
    return buffer;
  }
}
