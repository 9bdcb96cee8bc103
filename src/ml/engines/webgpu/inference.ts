import type { InputGradient, Objective, Pixels } from '../engine.ts';
import { type Context, ensureBatch } from './context.ts';
import { activationsKernel, activationsWorkgroups } from './kernels/activations.ts';
import { forwardKernel, forwardPlan } from './kernels/forward.ts';
import { gatherKernel, gatherWorkgroups, LEVELS, transposeKernel } from './kernels/gather.ts';
import { gradientSumKernel, gradientSumWorkgroups } from './kernels/gradientSum.ts';
import { type HeadObjective, headKernel, headWorkgroups } from './kernels/head.ts';
import { filterGroups, inputGradientKernel, partialGradientStride } from './kernels/inputGradient.ts';
import { WORKGROUP } from './kernels/kernel.ts';
import { packRecords, recordStride, type StepRecord } from './kernels/record.ts';
import { packImages, sourceBytes, sourceLevels } from './kernels/source.ts';
import type { Program } from './programs.ts';
import { Workspace } from './workspace.ts';

/** The layers that the engine's programs distinguish: flatten is ReLU with another shape. */
export type GpuLayer = 'conv' | 'relu' | 'linear' | 'logSoftmax';

/** The objectives that the device differentiates. */
export type GpuObjective = Exclude<Objective, { kind: 'callback' }>;

const MOST_IMAGES = 1024;
/** Maximum bytes of activations in one chunk of images, far below the minimum storage binding limit (128 MiB). */
const MOST_ACTIVATION_BYTES = 32 * 2 ** 20;

/** Forward passes and input gradients, in chunks of images that fit into memory. */
export class Inference {
  readonly #context: Context;
  readonly #workspace: Workspace;

  constructor(context: Context) {
    this.#context = context;
    this.#workspace = new Workspace(context.owned.device, context.shared);
  }

  get workspace(): Workspace {
    return this.#workspace;
  }

  destroy(): void {
    this.#workspace.destroy();
  }

  /** Activations [n, units] at the layer. */
  async forward(images: Pixels, layer: GpuLayer): Promise<Float32Array> {
    const { sizes, queue } = this.#context;
    const count = images.length / sizes.pixels;
    const units = this.#units(layer);
    const result = new Float32Array(count * units);
    // Logits are small, so gather all chunks in one buffer and read once.
    const isHead = layer === 'linear' || layer === 'logSoftmax';
    const chunk = this.#chunk(layer);
    const encodeInput = await this.#inputs(images);
    const encodeLayer = await this.#layerPrograms(layer);
    const activations = this.#workspace.ensure(
      'activations',
      4 * units * (isHead ? count : Math.min(chunk, count)),
    );
    for (let first = 0; first < count; first += chunk) {
      const size = Math.min(chunk, count - first);
      this.#prepare(images, first, size, { slot: isHead ? first : 0 });
      queue.submit((encoder) => {
        const pass = encoder.beginComputePass();
        encodeInput(pass, size);
        encodeLayer(pass, size);
        pass.end();
      });
      if (!isHead) {
        const part = await queue.read([{ buffer: activations, bytes: 4 * size * units }]);
        result.set(new Float32Array(part), first * units);
      }
    }
    if (isHead) {
      result.set(new Float32Array(await queue.read([{ buffer: activations, bytes: result.byteLength }])));
    }
    return result;
  }

  /** Values and gradients of a described objective; they stay on the device until they are read. */
  async gradient(images: Pixels, layer: GpuLayer, objective: GpuObjective): Promise<InputGradient> {
    const { sizes, queue } = this.#context;
    const count = images.length / sizes.pixels;
    const isHead = objective.kind === 'crossEntropy' || layer === 'linear' || layer === 'logSoftmax';
    const units = this.#units(layer);
    const chunk = isHead ? MOST_IMAGES : this.#chunk(layer);
    const stride = partialGradientStride(sizes);
    const values = new Float64Array(count);
    const gradient = new Float32Array(count * sizes.pixels);
    const sign = objective.kind === 'crossEntropy' ? (objective.sign ?? 1) : 1;
    const encodeInput = await this.#inputs(images);
    const encodeGradient = await this.#gradientPrograms(layer, objective, isHead);
    for (let first = 0; first < count; first += chunk) {
      const size = Math.min(chunk, count - first);
      const groups = this.#filterGroups(size);
      this.#workspace.ensure('partialGradient', 4 * groups * size * stride);
      const output = this.#workspace.ensure('gradient', 4 * size * stride);
      if (objective.kind !== 'crossEntropy') {
        const given = objective.kind === 'squaredError' ? objective.target : objective.cotangent;
        const part = new Float32Array(given.subarray(first * units, (first + size) * units));
        queue.write(this.#workspace.ensure('cotangent', part.byteLength), 0, part);
      }
      this.#prepare(images, first, size, {
        scale: sign,
        filterGroups: groups,
        labels:
          objective.kind === 'crossEntropy' ? objective.labels.subarray(first, first + size) : undefined,
      });
      queue.submit((encoder) => {
        const pass = encoder.beginComputePass();
        encodeInput(pass, size);
        encodeGradient(pass, size);
        pass.end();
      });
      const rows = new Float32Array(await queue.read([{ buffer: output, bytes: 4 * size * stride }]));
      for (let i = 0; i < size; i++) {
        gradient.set(rows.subarray(i * stride, i * stride + sizes.pixels), (first + i) * sizes.pixels);
        values[first + i] = sign * rows[i * stride + sizes.pixels];
      }
    }
    return { values, gradient };
  }

  #units(layer: GpuLayer): number {
    const { sizes } = this.#context;
    return layer === 'conv' || layer === 'relu' ? sizes.units : sizes.outputs;
  }

  #chunk(layer: GpuLayer): number {
    const fitting = Math.floor(MOST_ACTIVATION_BYTES / (4 * this.#units(layer)));
    return Math.max(1, Math.min(MOST_IMAGES, fitting));
  }

  /** Writes a chunk's pixels and its record. */
  #prepare(images: Pixels, first: number, size: number, fields: Partial<StepRecord>): void {
    const { sizes, tuning, queue } = this.#context;
    const workspace = this.#workspace;
    const stride = recordStride(size);
    ensureBatch(this.#context, workspace, size);
    const { tilesPerBlock, blocks } = forwardPlan(sizes, tuning.forward, size);
    const record = { ...fields, count: size, tilesPerBlock, blocks };
    queue.write(workspace.ensureRecords(1, stride), 0, packRecords([record], stride));
    const part = images.subarray(first * sizes.pixels, (first + size) * sizes.pixels);
    if (part instanceof Uint8Array) {
      const source = workspace.ensure('source', sourceBytes(sizes, size));
      queue.write(source, 0, sourceLevels());
      queue.write(source, 4 * LEVELS, packImages(sizes, part));
    } else {
      queue.write(workspace.ensure('batch', 0), 0, new Float32Array(part));
    }
  }

  async #inputs(images: Pixels): Promise<(pass: GPUComputePassEncoder, size: number) => void> {
    const { sizes, program } = this.#context;
    if (images instanceof Uint8Array) {
      const gather = await program(gatherKernel(sizes));
      return (pass, size) => this.#run(pass, gather, [gatherWorkgroups(sizes, size)]);
    }
    const transpose = await program(transposeKernel(sizes));
    return (pass, size) => this.#run(pass, transpose, [Math.ceil(sizes.pixels / WORKGROUP), size]);
  }

  async #layerPrograms(layer: GpuLayer): Promise<(pass: GPUComputePassEncoder, size: number) => void> {
    const { sizes, program } = this.#context;
    if (layer === 'conv' || layer === 'relu') {
      const activations = await program(activationsKernel(sizes, layer));
      return (pass, size) => this.#run(pass, activations, activationsWorkgroups(sizes, size));
    }
    return this.#headPrograms('activations', layer);
  }

  async #headPrograms(
    objective: HeadObjective,
    layer: 'linear' | 'logSoftmax',
  ): Promise<(pass: GPUComputePassEncoder, size: number) => void> {
    const { sizes, tuning, program } = this.#context;
    const [forward, head] = await Promise.all(
      [forwardKernel(sizes, tuning.forward), headKernel(sizes, objective, layer, tuning.sums)].map(program),
    );
    return (pass, size) => {
      this.#run(pass, forward, forwardPlan(sizes, tuning.forward, size).workgroups);
      this.#run(pass, head, [headWorkgroups(size, tuning.sums)]);
    };
  }

  async #gradientPrograms(
    layer: GpuLayer,
    { kind }: GpuObjective,
    isHead: boolean,
  ): Promise<(pass: GPUComputePassEncoder, size: number) => void> {
    const { sizes, program } = this.#context;
    const encodeHead = isHead
      ? await this.#headPrograms(kind, kind === 'crossEntropy' || layer !== 'logSoftmax' ? 'linear' : layer)
      : undefined;
    const map =
      kind === 'crossEntropy' || layer === 'linear' || layer === 'logSoftmax'
        ? ({ from: 'dense' } as const)
        : ({ from: 'units', layer, objective: kind } as const);
    const [inputGradient, total] = await Promise.all(
      [inputGradientKernel(sizes, map), gradientSumKernel(sizes, isHead ? 'head' : 'partialGradient')].map(
        program,
      ),
    );
    return (pass, size) => {
      encodeHead?.(pass, size);
      this.#run(pass, inputGradient, [size, this.#filterGroups(size)]);
      this.#run(pass, total, gradientSumWorkgroups(sizes, size));
    };
  }

  #filterGroups(count: number): number {
    const { sizes, tuning } = this.#context;
    return filterGroups(sizes, tuning.inputGradient.workgroups, count);
  }

  #run(pass: GPUComputePassEncoder, program: Program, workgroups: readonly [x: number, y?: number]): void {
    this.#workspace.dispatch(pass, program, workgroups, { record: 0 });
  }
}
