import type { OwnedDevice } from './device/device.ts';
import { Queue } from './device/queue.ts';
import { forwardPlan } from './kernels/forward.ts';
import { LEVELS } from './kernels/gather.ts';
import { headStride } from './kernels/head.ts';
import type { BufferName, Kernel } from './kernels/kernel.ts';
import { denseSection, filtersSection } from './kernels/layout.ts';
import type { NetworkSizes } from './kernels/sizes.ts';
import type { Tuning } from './kernels/tile.ts';
import { type Program, Programs } from './programs.ts';
import type { Workspace } from './workspace.ts';

/** The state that training and inference share: the device, the programs, and the parameters on the GPU. */
export interface Context {
  owned: OwnedDevice;
  sizes: NetworkSizes;
  tuning: Tuning;
  queue: Queue;
  /** `filters`, `dense` and `source`. */
  shared: Map<BufferName, GPUBuffer>;
  program(kernel: Kernel): Promise<Program>;
}

export function createContext(owned: OwnedDevice, sizes: NetworkSizes, tuning: Tuning): Context {
  const programs = new Programs(owned.device);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const shared = new Map<BufferName, GPUBuffer>();
  for (const [name, floats] of [
    ['filters', 3 * filtersSection(sizes)],
    ['dense', 3 * denseSection(sizes)],
    // A placeholder until there is data, because `update` always binds this buffer.
    ['source', LEVELS],
  ] as const) {
    shared.set(name, owned.device.createBuffer({ label: name, size: 4 * floats, usage }));
  }
  return {
    owned,
    sizes,
    tuning,
    queue: new Queue(owned),
    shared,
    program: (kernel) => owned.untilLost(programs.get(kernel)),
  };
}

/** Allocates memory for a batch and its logits. */
export function ensureBatch(context: Context, workspace: Workspace, count: number): void {
  const { sizes, tuning } = context;
  workspace.ensure('batch', 4 * 2 * count * sizes.pixels);
  workspace.ensure(
    'partialLogits',
    4 * forwardPlan(sizes, tuning.forward, count).blocks * sizes.outputs * count,
  );
  workspace.ensure('head', 4 * count * headStride(sizes));
}
