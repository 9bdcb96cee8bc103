/** Allocates 64-byte aligned areas of a WebAssembly memory, which grows as needed. Nothing is freed. */
export class Arena {
  readonly memory = new WebAssembly.Memory({ initial: 1 });
  /** Memory below this address is reserved for the compiler. */
  private end = 4096;

  allocate(bytes: number): number {
    const address = this.end;
    this.end += Math.ceil(bytes / 64) * 64;
    const missing = this.end - this.memory.buffer.byteLength;
    if (missing > 0) {
      this.memory.grow(Math.ceil(missing / 65536));
    }
    return address;
  }

  // Create a view for each use, because growing the memory detaches older views.

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length);
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length);
  }
}

/** An area that can be enlarged later, losing its contents. */
export class Growing {
  private readonly arena: Arena;
  private capacity = 0;
  private address = 0;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  /** Returns the address of at least `bytes` bytes. */
  atLeast(bytes: number): number {
    if (bytes > this.capacity) {
      // Doubling bounds the memory wasted by old blocks.
      this.capacity = Math.max(bytes, 2 * this.capacity);
      this.address = this.arena.allocate(this.capacity);
    }
    return this.address;
  }
}
