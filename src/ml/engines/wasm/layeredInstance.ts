import type { OptimizerDescription } from '../../model/optimizer.ts';
import { dropoutThreshold, seedWords } from '../../random/philox.ts';
import type { Pixels } from '../engine.ts';
import {
  type Border,
  type Operation,
  type Plan,
  type PlannedTensor,
  SHARD,
  type Stage,
} from '../shared/plan.ts';
import type { Arithmetic } from './kernels.ts';
import { instantiateLayered, type LayeredKernels } from './layeredKernels.ts';
import { BlockStore } from './layeredStore.ts';
import { Arena } from './memory.ts';
import { adamFactors } from './store.ts';

/** Bytes of one unit of all images of a shard. */
const PIXEL = 4 * SHARD;

/** A tensor in memory: the address of its first pixel inside the border, and its strides in bytes. */
interface Placed {
  start: number;
  /** Bytes from one map to the next, and from one row to the next. */
  plane: number;
  pitch: number;
}

/** A shard's place in training, which determines its dropout masks. */
export interface TrainingPlace {
  /** Index of the shard's first image in the batch. */
  place: number;
  seed: number;
  /** Number of earlier updates. */
  step: number;
}

/** A convolution's memory beside its parameters. */
interface ConvolutionRoom {
  /** Weights for the gradient of the input. */
  turned: number;
  /** u32 [maps x kernel]: bytes from the first tap of a kernel row to each of its taps. */
  offsets: number;
}

/** One network in one WebAssembly memory, which computes a shard of images at a time. */
export class LayeredInstance {
  readonly plan: Plan;
  readonly store: BlockStore;
  /** Addresses of the parameters and of the optimizer's slots. */
  readonly blocks: Record<'weights' | 'first' | 'second', number>;
  private readonly arena: Arena;
  private readonly kernels: LayeredKernels;
  private readonly activations: Placed[];
  private readonly gradients: Placed[];
  private readonly winners: number[];
  private readonly factors: number[];
  private readonly convolutions: (ConvolutionRoom | undefined)[];
  private readonly sums: number;
  private readonly zeros: number;
  private readonly transposed: number;
  private readonly flat: number;
  private readonly staging: number;
  private readonly gradient: number;
  /** The gradients of shards that wait to be exchanged. */
  private shards?: { address: number; count: number };

  static async create(plan: Plan, arithmetic: Arithmetic): Promise<LayeredInstance> {
    const arena = new Arena();
    return new LayeredInstance(plan, arena, await instantiateLayered(arithmetic, arena.memory));
  }

  private constructor(plan: Plan, arena: Arena, kernels: LayeredKernels) {
    this.plan = plan;
    this.arena = arena;
    this.kernels = kernels;
    this.store = new BlockStore(plan, arena);
    const { tensors, operations, parameterLength } = plan;
    const block = () => arena.allocate(4 * parameterLength);
    this.blocks = { weights: block(), first: block(), second: block() };
    this.gradient = block();
    // Linear layers read and write units without gaps. A tensor with one unit per map has no gaps.
    const dense = new Set(
      operations.flatMap((operation) =>
        operation.kind === 'linear' ? [operation.source, operation.target] : [],
      ),
    );
    this.activations = tensors.map((tensor, i) => this.place(tensor, tensor.activations, dense.has(i)));
    this.gradients = tensors.map((tensor, i) => this.place(tensor, tensor.gradient, dense.has(i)));
    const room = (wanted: boolean, operation: Operation) =>
      wanted ? arena.allocate(PIXEL * unitsOf(tensors[operation.target])) : 0;
    this.winners = operations.map((operation) => room(operation.kind === 'pool', operation));
    this.factors = operations.map((operation) => room(operation.kind === 'dropout', operation));
    this.convolutions = operations.map((operation) => this.roomOf(operation));
    const taps = operations.map((operation) =>
      operation.kind === 'convolution' ? operation.kernelSize ** 2 * tensors[operation.source].maps : 0,
    );
    this.sums = arena.allocate(64 * Math.max(...taps));
    this.zeros = arena.allocate(PIXEL * Math.max(...tensors.map(({ columns }) => columns)));
    this.transposed = arena.allocate(PIXEL * 4 * Math.ceil(Math.max(...tensors.map(({ maps }) => maps)) / 4));
    const largest = Math.max(...tensors.map(unitsOf));
    this.flat = arena.allocate(PIXEL * largest);
    this.staging = arena.allocate(PIXEL * largest);
  }

  private place({ maps, rows, columns }: PlannedTensor, { left, right }: Border, dense: boolean): Placed {
    const pitch = PIXEL * (left + columns + right);
    // An odd number of cache lines, so that the same pixel of many maps does not fall into one cache set.
    const odd = !dense && ((rows * pitch) / PIXEL) % 2 === 0;
    const plane = rows * pitch + (odd ? PIXEL : 0);
    // Linear layers write whole groups of four outputs.
    const start = this.arena.allocate(plane * 4 * Math.ceil(maps / 4)) + PIXEL * left;
    return { start, plane, pitch };
  }

  private roomOf(operation: Operation): ConvolutionRoom | undefined {
    if (operation.kind !== 'convolution') return undefined;
    const { kernelSize, source, target } = operation;
    const { maps } = this.plan.tensors[source];
    const filters = this.plan.tensors[target].maps;
    const turned = this.arena.allocate(16 * Math.ceil(maps / 4) * kernelSize ** 2 * filters);
    const offsets = this.arena.allocate(4 * maps * kernelSize);
    const { plane } = this.activations[source];
    const table = new Uint32Array(this.arena.memory.buffer, offsets, maps * kernelSize);
    table.forEach((_, i) => {
      table[i] = Math.floor(i / kernelSize) * plane + (i % kernelSize) * PIXEL;
    });
    return { turned, offsets };
  }

  /** Prepares written or updated weights for backward passes. */
  prepare(): void {
    this.plan.operations.forEach((operation, index) => {
      const room = this.convolutions[index];
      if (operation.kind === 'convolution' && room) {
        const { kernelSize, source, target } = operation;
        const [{ maps }, { maps: filters }] = [this.plan.tensors[source], this.plan.tensors[target]];
        this.kernels.turn(this.weightsOf(operation), filters, maps, kernelSize, room.turned);
      }
    });
  }

  private weightsOf({ weights }: { weights: number }): number {
    return this.blocks.weights + 4 * weights;
  }

  /** Copies at most 16 images, rows of bytes or floats, to the network's input. */
  pack(images: Pixels): void {
    const count = images.length / this.plan.pixels;
    const { maps, rows, columns } = this.plan.tensors[0];
    const { start, plane, pitch } = this.activations[0];
    if (images instanceof Uint8Array) {
      this.arena.bytes(this.staging, images.length).set(images);
      this.kernels.packBytes(this.staging, count, start, plane, pitch, maps, rows, columns);
    } else {
      this.arena.floats(this.staging, images.length).set(images);
      this.kernels.packFloats(this.staging, count, start, plane, pitch, maps, rows, columns);
    }
  }

  /** Runs the packed images up to a stage; with dropout if the shard's place in training is given. */
  forward(stage: Stage, training?: TrainingPlace): void {
    for (let index = 0; index < stage.operations; index++) {
      this.apply(index, stage.truncated && index === stage.operations - 1, training);
    }
  }

  private apply(index: number, truncated: boolean, training?: TrainingPlace): void {
    const operation = this.plan.operations[index];
    const to = this.activations[operation.target];
    const { maps, rows, columns } = this.plan.tensors[operation.target];
    switch (operation.kind) {
      case 'convolution': {
        const from = this.activations[operation.source];
        const source = this.plan.tensors[operation.source];
        const { kernelSize, before } = operation;
        this.kernels.convolve(
          ...[from.start - PIXEL * before, from.plane, from.pitch, source.maps, source.rows],
          ...[kernelSize, before, this.weightsOf(operation), this.blocks.weights + 4 * operation.bias],
          ...[to.start, to.plane, to.pitch, maps, rows, columns],
          ...[Number(operation.rectify && !truncated), 0, 0, 0],
        );
        return;
      }
      case 'linear':
        this.kernels.linear(
          ...[this.activations[operation.source].start, operation.inputs, this.weightsOf(operation)],
          ...[this.blocks.weights + 4 * operation.bias, operation.groups, to.start],
          Number(operation.rectify && !truncated),
        );
        return;
      case 'pool': {
        const from = this.activations[operation.source];
        this.kernels.pool(
          ...[from.start, from.plane, from.pitch, maps, rows, columns, operation.size],
          ...[to.start, to.plane, to.pitch, this.winners[index]],
        );
        return;
      }
      case 'rectify':
        this.kernels.rectify(to.start, to.plane, to.pitch, maps, rows, PIXEL * columns);
        return;
      case 'dropout':
        if (training) this.drop(index, operation, training);
        return;
      default:
        operation satisfies never;
    }
  }

  private drop(
    index: number,
    { target, rate, layer }: Extract<Operation, { kind: 'dropout' }>,
    { place, seed, step }: TrainingPlace,
  ): void {
    const tensor = this.plan.tensors[target];
    const [low, high] = seedWords(seed);
    this.kernels.dropoutFactors(
      ...[this.factors[index], unitsOf(tensor), place, layer, step, low, high],
      ...[dropoutThreshold(rate), 1 / (1 - rate)],
    );
    this.multiply(index, this.activations[target], tensor);
  }

  private multiply(index: number, { start, plane, pitch }: Placed, tensor: PlannedTensor): void {
    const { maps, rows, columns } = tensor;
    this.kernels.multiply(start, plane, pitch, this.factors[index], maps, rows, PIXEL * columns);
  }

  /** Activations of the first images at a tensor, rows [count][units]. */
  read(tensor: number, count: number, target: Float32Array): void {
    this.unpack(this.activations[tensor], this.plan.tensors[tensor], count, target);
  }

  /** Gradients of the first images by the pixels, rows [count][pixels]. */
  readInputGradient(count: number, target: Float32Array): void {
    this.unpack(this.gradients[0], this.plan.tensors[0], count, target);
  }

  private unpack(
    { start, plane, pitch }: Placed,
    { maps, rows, columns }: PlannedTensor,
    count: number,
    target: Float32Array,
  ): void {
    this.kernels.unpackFloats(start, plane, pitch, count, this.staging, maps, rows, columns);
    target.set(this.arena.floats(this.staging, target.length));
  }

  /** Sets the gradient at a tensor, rows [count][units], where `backward` starts. */
  writeGradient(tensor: number, values: Float32Array): void {
    const planned = this.plan.tensors[tensor];
    const { maps, rows, columns } = planned;
    const { start, plane, pitch } = this.gradients[tensor];
    this.arena.floats(this.staging, values.length).set(values);
    const count = values.length / unitsOf(planned);
    this.kernels.packFloats(this.staging, count, start, plane, pitch, maps, rows, columns);
  }

  /**
   * Propagates the gradient at a stage's tensor back through the operations below.
   * @param to the results to compute: the image's gradient, or the parameters' gradients (with the forward pass's dropout), which
   * are written to the block at an address, or added to the block.
   */
  backward(stage: Stage, to: 'input' | { gradient: number; accumulate: boolean }): void {
    const { operations } = this.plan;
    const lowest = to === 'input' ? 0 : operations.findIndex((operation) => 'weights' in operation);
    let masked = stage.truncated;
    for (let index = stage.operations - 1; index >= lowest; index--) {
      const operation = operations[index];
      if ('weights' in operation) {
        if (operation.rectify && !masked) this.keepPositive(operation.target);
        if (to !== 'input') this.parameterGradient(index, operation, to);
      }
      // The operation that computes the gradient of a ReLU's output also applies the ReLU's mask.
      const below = operations[index - 1];
      masked = 'source' in operation && below !== undefined && 'weights' in below && below.rectify;
      if (index > lowest || to === 'input') this.pullBack(index, masked, to !== 'input');
    }
  }

  /** The gradient of an operation's source from that of its target. */
  private pullBack(index: number, masked: boolean, training: boolean): void {
    const operation = this.plan.operations[index];
    const from = this.gradients[operation.target];
    switch (operation.kind) {
      case 'convolution':
        this.convolutionInputGradient(index, operation, masked);
        return;
      case 'linear':
        this.linearInputGradient(operation, masked);
        return;
      case 'pool': {
        const { maps, rows, columns } = this.plan.tensors[operation.target];
        const to = this.gradients[operation.source];
        const pooled = this.activations[operation.target];
        // Pixels at the edge outside all pooling windows have no gradient.
        const source = this.plan.tensors[operation.source];
        if (source.rows % operation.size !== 0 || source.columns % operation.size !== 0) {
          this.kernels.clear(to.start, to.plane, to.pitch, source.maps, source.rows, PIXEL * source.columns);
        }
        this.kernels.unpool(
          ...[from.start, from.plane, from.pitch, maps, rows, columns, operation.size, this.winners[index]],
          ...[to.start, to.plane, to.pitch, masked ? pooled.start : 0, pooled.plane, pooled.pitch],
        );
        return;
      }
      case 'rectify':
        this.keepPositive(operation.target);
        return;
      case 'dropout':
        if (training) this.multiply(index, from, this.plan.tensors[operation.target]);
        return;
      default:
        operation satisfies never;
    }
  }

  private convolutionInputGradient(
    index: number,
    { source, target, kernelSize, before }: Extract<Operation, { kind: 'convolution' }>,
    masked: boolean,
  ): void {
    const [to, from] = [this.gradients[source], this.gradients[target]];
    const [planned, { maps, rows }] = [this.plan.tensors[source], this.plan.tensors[target]];
    const above = kernelSize - 1 - before;
    const mask = this.activations[source];
    this.kernels.convolve(
      ...[from.start - PIXEL * above, from.plane, from.pitch, maps, rows, kernelSize, above],
      ...[this.convolutions[index]?.turned ?? 0, 0, to.start, to.plane, to.pitch],
      ...[planned.maps, planned.rows, planned.columns, 0],
      ...[masked ? mask.start : 0, mask.plane, mask.pitch],
    );
  }

  private linearInputGradient(operation: Extract<Operation, { kind: 'linear' }>, masked: boolean): void {
    const { source, target, inputs, groups } = operation;
    const { maps, rows, columns, gradient } = this.plan.tensors[source];
    const to = this.gradients[source];
    const bordered = gradient.left + gradient.right > 0;
    this.kernels.linearInputGradient(
      ...[this.gradients[target].start, groups, this.weightsOf(operation), inputs],
      ...[bordered ? this.flat : to.start, masked ? this.activations[source].start : 0],
    );
    if (bordered) {
      this.kernels.spread(this.flat, to.start, to.plane, to.pitch, maps, rows, PIXEL * columns);
    }
  }

  private keepPositive(tensor: number): void {
    const [values, others] = [this.gradients[tensor], this.activations[tensor]];
    const { maps, rows, columns } = this.plan.tensors[tensor];
    this.kernels.keepPositive(
      ...[values.start, values.plane, values.pitch, others.start, others.plane, others.pitch],
      ...[maps, rows, PIXEL * columns],
    );
  }

  private parameterGradient(
    index: number,
    operation: Extract<Operation, { weights: number }>,
    { gradient, accumulate }: { gradient: number; accumulate: boolean },
  ): void {
    const from = this.activations[operation.source];
    const above = this.gradients[operation.target];
    const { maps, rows, columns } = this.plan.tensors[operation.target];
    const weights = gradient + 4 * operation.weights;
    const adds = Number(accumulate);
    this.kernels.biasGradient(
      ...[above.start, above.plane, above.pitch, maps, rows, PIXEL * columns],
      ...[gradient + 4 * operation.bias, adds],
    );
    if (operation.kind === 'linear') {
      const { inputs, groups } = operation;
      this.kernels.transpose(above.start, 4 * groups, this.transposed);
      this.kernels.linearGradient(from.start, inputs, this.transposed, groups, weights, adds);
      return;
    }
    const source = this.plan.tensors[operation.source];
    const { kernelSize, before } = operation;
    this.kernels.convolutionGradient(
      ...[from.start - PIXEL * before, from.pitch, source.maps * kernelSize, source.rows],
      ...[kernelSize, before, above.start, above.plane, above.pitch, maps, rows, columns],
      ...[this.convolutions[index]?.offsets ?? 0, this.sums, this.zeros, weights, adds],
    );
  }

  /** The sum of the batch's gradients. */
  get total(): number {
    return this.gradient;
  }

  /** Memory for the gradients of `count` shards in sequence, each with `extra` more floats. */
  shardGradients(count: number, extra: number): { values: Float32Array; addressOf(shard: number): number } {
    const length = this.plan.parameterLength + extra;
    if (!this.shards || this.shards.count < count) {
      this.shards = { address: this.arena.allocate(4 * length * count), count };
    }
    const { address } = this.shards;
    return {
      values: this.arena.floats(address, length * count),
      addressOf: (shard) => address + 4 * length * shard,
    };
  }

  /** Adds a shard's gradient to the sum; the first shard starts the sum. */
  addGradient(address: number, first: boolean): void {
    const bytes = 4 * this.plan.parameterLength;
    if (first) this.arena.bytes(this.gradient, bytes).set(this.arena.bytes(address, bytes));
    else this.kernels.add(this.gradient, address, bytes);
  }

  /** Makes one update with the sum of gradients. @param step number of the update, from 1. */
  update(optimizer: OptimizerDescription, learningRate: number, step: number): void {
    const { weights, first, second } = this.blocks;
    const bytes = 4 * this.plan.parameterLength;
    if (optimizer.kind === 'adam') {
      const { stepSize, correction } = adamFactors(learningRate, step);
      this.kernels.adam(weights, first, second, this.gradient, bytes, stepSize, correction);
    } else {
      const { momentum, weightDecay } = optimizer;
      const buffer = momentum > 0 ? first : 0;
      this.kernels.sgd(weights, buffer, this.gradient, bytes, learningRate, momentum, weightDecay);
    }
    this.prepare();
  }

  /** Bytes of WebAssembly memory in use. */
  get memoryBytes(): number {
    return this.arena.memory.buffer.byteLength;
  }
}

function unitsOf({ maps, rows, columns }: PlannedTensor): number {
  return maps * rows * columns;
}
