import type { Pixels } from '../engine.ts';
import { blockIndex, evenBlocks } from './blocks.ts';
import type { Family } from './family.ts';
import { type Arithmetic, instantiateKernels, type Kernels } from './kernels.ts';
import { Arena, Growing } from './memory.ts';
import { type Groups, Store } from './store.ts';

/** Maximum number of images in the kernels' tiles; longer batches are processed in chunks of this size. */
export const CHUNK = 64;

/** One network in one WebAssembly memory, with typed calls of the kernels. */
export class Instance {
  readonly family: Family;
  readonly store: Store;
  private readonly arena: Arena;
  private readonly kernels: Kernels;
  private readonly staging: number;
  private readonly values: number;
  private readonly gradient: number;
  private readonly biasGradient: number;
  private readonly images: Growing;
  private readonly partials: Growing;
  private readonly cotangent: Growing;
  private readonly hidden: Growing;

  static async create(family: Family, arithmetic: Arithmetic): Promise<Instance> {
    const arena = new Arena();
    return new Instance(family, arena, await instantiateKernels(arithmetic, arena.memory));
  }

  private constructor(family: Family, arena: Arena, kernels: Kernels) {
    this.family = family;
    this.arena = arena;
    this.kernels = kernels;
    this.store = new Store(family, arena);
    const { filter, dense } = this.store;
    const sums = 2 * Math.ceil((family.kernelSize ** 2 + 1) / 2);
    const tileBytes = family.tileWidth * CHUNK * 4 * 4;
    kernels.configure(
      family.height,
      family.width,
      family.kernelSize,
      family.filters,
      family.paddedClasses,
      family.tileWidth,
    );
    kernels.place(
      filter.weights,
      filter.first,
      filter.second,
      dense.weights,
      dense.first,
      dense.second,
      arena.allocate(tileBytes),
      arena.allocate(tileBytes),
      arena.allocate(Math.max(16 * family.tileWidth * family.paddedClasses, 4 * this.store.filterLength)),
      arena.allocate(64 * sums),
      arena.allocate(4 * sums),
      arena.allocate(16 * family.tileWidth),
    );
    this.staging = arena.allocate(4 * CHUNK * family.pixels);
    this.gradient = arena.allocate(4 * CHUNK * family.pixels);
    this.values = arena.allocate(8 * CHUNK);
    this.biasGradient = arena.allocate(4 * this.store.biasLength);
    this.images = new Growing(arena);
    this.partials = new Growing(arena);
    this.cotangent = new Growing(arena);
    this.hidden = new Growing(arena);
  }

  /** Bytes of WebAssembly memory in use. */
  get memoryBytes(): number {
    return this.arena.memory.buffer.byteLength;
  }

  /**
   * Converts images [n, pixels] to the kernels' layout for the following calls. @returns the number of blocks of
   * four.
   */
  pack(images: Pixels): number {
    const { pixels } = this.family;
    const count = images.length / pixels;
    const blocks = evenBlocks(count);
    const target = this.images.atLeast(16 * blocks * pixels);
    for (let first = 0; first < count; first += CHUNK) {
      const end = Math.min(first + CHUNK, count);
      const rows = images.subarray(first * pixels, end * pixels);
      const to = target + 4 * first * pixels;
      if (rows instanceof Uint8Array) {
        this.arena.bytes(this.staging, rows.length).set(rows);
        this.kernels.packBytes(this.staging, end - first, pixels, to);
      } else {
        this.arena.floats(this.staging, rows.length).set(rows);
        this.kernels.packFloats(this.staging, end - first, pixels, to);
      }
    }
    return blocks;
  }

  /**
   * Partial logits of the packed images without bias, [groups][blocks][classes][4 images]. The view has room for all
   * groups; only the given groups are filled in.
   */
  partialLogits(blocks: number, groups: Groups): Float32Array {
    const { family } = this;
    const images = this.images.atLeast(0);
    const length = blocks * family.paddedClasses * 4;
    const address = this.partials.atLeast(4 * family.groups * length);
    this.kernels.forwardGroups(images, blocks, groups.first, groups.end, address);
    return this.arena.floats(address, family.groups * length);
  }

  /** Sums the partial logits of all groups, in the groups' order, and adds the bias: rows [count][classes]. */
  sumLogits(partials: Float32Array, count: number): Float64Array {
    const { classes, paddedClasses, groups } = this.family;
    const bias = this.arena.floats(this.store.bias.weights, classes);
    const length = partials.length / groups;
    const logits = new Float64Array(count * classes);
    for (let image = 0; image < count; image++) {
      for (let output = 0; output < classes; output++) {
        let sum = bias[output];
        let at = blockIndex(image, output, paddedClasses);
        for (let group = 0; group < groups; group++) {
          sum += partials[at];
          at += length;
        }
        logits[image * classes + output] = sum;
      }
    }
    return logits;
  }

  /** Logits of the packed images, [count][classes]. */
  logits(count: number): Float64Array {
    const blocks = evenBlocks(count);
    return this.sumLogits(this.partialLogits(blocks, { first: 0, end: this.family.groups }), count);
  }

  /** Converts d / d(logits), rows [count][classes], to the kernels' layout. @returns its address. */
  private packCotangent(cotangent: Float64Array): number {
    const { classes, paddedClasses } = this.family;
    const count = cotangent.length / classes;
    const length = evenBlocks(count) * paddedClasses * 4;
    const address = this.cotangent.atLeast(4 * length);
    const target = this.arena.floats(address, length).fill(0);
    for (let image = 0; image < count; image++) {
      for (let output = 0; output < classes; output++) {
        target[blockIndex(image, output, paddedClasses)] = cotangent[image * classes + output];
      }
    }
    return address;
  }

  /**
   * Makes one Adam update of the groups and of the dense bias, from the packed images and d(loss) / d(logits),
   * [count][classes].
   */
  update(cotangent: Float64Array, groups: Groups, factors: { stepSize: number; correction: number }): void {
    const { classes } = this.family;
    const count = cotangent.length / classes;
    const { stepSize, correction } = factors;
    const images = this.images.atLeast(0);
    const address = this.packCotangent(cotangent);
    this.kernels.trainGroups(
      images,
      evenBlocks(count),
      address,
      groups.first,
      groups.end,
      stepSize,
      correction,
    );
    const gradient = this.arena.floats(this.biasGradient, this.store.biasLength);
    for (let output = 0; output < classes; output++) {
      let sum = 0;
      for (let image = 0; image < count; image++) {
        sum += cotangent[image * classes + output];
      }
      gradient[output] = sum;
    }
    const { weights, first, second } = this.store.bias;
    const bytes = 4 * this.store.biasLength;
    this.kernels.adam(weights, first, second, this.biasGradient, bytes, stepSize, correction);
  }

  /** Hidden activations of at most `CHUNK` packed images, written to `target` [count][units]. */
  hiddenActivations(count: number, rectify: boolean, target: Float32Array): void {
    const images = this.images.atLeast(0);
    const { units, groups } = this.family;
    const address = this.hidden.atLeast(16 * evenBlocks(count) * units);
    this.kernels.forwardHidden(images, count, groups, rectify, address);
    target.set(this.arena.floats(address, count * units));
  }

  /** d / d(pixels) of at most `CHUNK` packed images from d / d(logits), written to `target` [count][pixels]. */
  gradientOfLogits(cotangent: Float64Array, target: Float32Array): void {
    const images = this.images.atLeast(0);
    const address = this.packCotangent(cotangent);
    const count = cotangent.length / this.family.classes;
    this.kernels.imageGradientOfLogits(images, evenBlocks(count), this.family.groups, address, this.gradient);
    this.unpackGradient(count, target);
  }

  /**
   * d / d(pixels) of at most `CHUNK` packed images, for an objective of the hidden activations: the mean squared
   * error to `given` [count][units], or the product with `given` as a cotangent.
   */
  gradientOfHidden(
    given: Float32Array,
    { rectify, squared }: { rectify: boolean; squared: boolean },
    values: Float64Array,
    target: Float32Array,
  ): void {
    const { units, groups } = this.family;
    const count = given.length / units;
    const images = this.images.atLeast(0);
    const address = this.hidden.atLeast(4 * given.length);
    this.arena.floats(address, given.length).set(given);
    this.kernels.imageGradientOfHidden(
      images,
      count,
      groups,
      rectify,
      address,
      squared,
      2 / units,
      this.values,
      this.gradient,
    );
    const sums = this.arena.doubles(this.values, count);
    for (let image = 0; image < count; image++) {
      values[image] = squared ? sums[image] / units : sums[image];
    }
    this.unpackGradient(count, target);
  }

  private unpackGradient(count: number, target: Float32Array): void {
    const { pixels } = this.family;
    this.kernels.unpackFloats(this.gradient, count, pixels, this.staging);
    target.set(this.arena.floats(this.staging, count * pixels));
  }
}
