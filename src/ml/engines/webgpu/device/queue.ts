import { CallError } from '../../../callError.ts';
import type { OwnedDevice } from './device.ts';

export interface BufferPart {
  buffer: GPUBuffer;
  /** Offset in bytes from the buffer's start; default 0. */
  offset?: number;
  bytes: number;
}

/** Submits work and reads results. GPU errors of submitted work are thrown by the next read. */
export class Queue {
  readonly #owned: OwnedDevice;
  #staging?: GPUBuffer;
  #errors: Promise<GPUError | null>[] = [];

  constructor(owned: OwnedDevice) {
    this.#owned = owned;
  }

  submit(encode: (encoder: GPUCommandEncoder) => void): void {
    const { device } = this.#owned;
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    const encoder = device.createCommandEncoder();
    encode(encoder);
    device.queue.submit([encoder.finish()]);
    this.#errors.push(device.popErrorScope(), device.popErrorScope());
  }

  write(buffer: GPUBuffer, offset: number, data: ArrayBuffer | ArrayBufferView<ArrayBuffer>): void {
    this.#owned.device.queue.writeBuffer(buffer, offset, data);
  }

  /** Copies the parts, packed one after another, in one transfer; waits for all work submitted before. */
  async read(parts: BufferPart[]): Promise<ArrayBuffer> {
    const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
    const staging = this.#stagingBuffer(total);
    this.submit((encoder) => {
      let to = 0;
      for (const { buffer, offset = 0, bytes } of parts) {
        encoder.copyBufferToBuffer(buffer, offset, staging, to, bytes);
        to += bytes;
      }
    });
    const errors = this.#errors;
    this.#errors = [];
    const [found] = await this.#owned.untilLost(
      Promise.all([Promise.all(errors), staging.mapAsync(GPUMapMode.READ, 0, total)]),
    );
    const error = found.find((candidate) => candidate !== null);
    if (error) {
      throw new CallError('webgpu', `expected the GPU's work to succeed, found: ${error.message}`);
    }
    const copy = staging.getMappedRange(0, total).slice(0);
    staging.unmap();
    return copy;
  }

  destroy(): void {
    this.#staging?.destroy();
    this.#staging = undefined;
  }

  #stagingBuffer(bytes: number): GPUBuffer {
    if (!this.#staging || this.#staging.size < bytes) {
      this.#staging?.destroy();
      this.#staging = this.#owned.device.createBuffer({
        label: 'staging',
        size: bytes,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      });
    }
    return this.#staging;
  }
}
