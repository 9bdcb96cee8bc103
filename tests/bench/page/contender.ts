import { notebookNetwork } from '../../../src/ml/model/network.ts';
import { type PresetId, presetNetwork } from '../../../src/ml/model/presets.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';

/** The network to train: the notebook's network in a size, or another preset. */
export interface Size {
  preset?: PresetId;
  batch: number;
  filters: number;
  kernel: number;
}

export const NOTEBOOK: Size = { batch: 64, filters: 32, kernel: 3 };

/** A framework that makes training steps of that network: forward, backward and Adam on one batch. */
export interface Contender {
  /** Makes this many steps, and resolves when they are actually finished. */
  run(steps: number): Promise<void>;
  stop(): void | Promise<void>;
}

const IMAGES = 2048;

/** The same images for all contenders. Noise costs as much as digits in every engine here. */
export function benchData(): { images: Uint8Array; labels: Uint8Array } {
  const generator = new Mt19937(1);
  return {
    images: Uint8Array.from({ length: IMAGES * 784 }, () => generator.random() & 255),
    labels: Uint8Array.from({ length: IMAGES }, (_, i) => (i * 7) % 10),
  };
}

/** The rows of the step's batch. */
export function batchIndices(step: number, batch: number): Int32Array {
  return Int32Array.from({ length: batch }, (_, i) => (step * batch + i) % IMAGES);
}

/** A batch in a framework's format: pixels in [0, 1] and one-hot labels. */
export function batchOf(data: ReturnType<typeof benchData>, step: number, batch: number) {
  const x = new Float32Array(batch * 784);
  const y = new Float32Array(batch * 10);
  batchIndices(step, batch).forEach((row, i) => {
    for (let pixel = 0; pixel < 784; pixel++) x[i * 784 + pixel] = data.images[row * 784 + pixel] / 255;
    y[i * 10 + data.labels[row]] = 1;
  });
  return { x, y };
}

export function networkOf({ preset, filters, kernel }: Size) {
  return preset ? presetNetwork(preset) : notebookNetwork({ filters, kernelSize: kernel });
}
