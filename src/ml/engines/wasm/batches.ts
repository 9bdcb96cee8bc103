import { CallError } from '../../callError.ts';
import type { TrainingStep } from '../engine.ts';
import { checkLabels, countImages } from '../shared/objective.ts';
import type { ResolvedStep } from './training.ts';

/** Number of classes of the trained network. */
export interface ImageSizes {
  /** Number of pixels per image. */
  pixels: number;
  classes: number;
}

/**
 * A member's training data. For steps with indices, the images are in the buffer, which is transferred to the member
 * and back.
 */
export interface Batches {
  steps: ResolvedStep[];
  buffer: ArrayBuffer;
}

/**
 * The training data, from which each member's batches are copied. Members need no data of their own, so an invalid
 * step fails for all members or for none. Buffers are reused, because allocating costs more than copying.
 */
export class BatchSource {
  private readonly sizes: ImageSizes;
  private readonly buffers: ArrayBuffer[];
  private data?: { images: Uint8Array; labels: Uint8Array };

  constructor(sizes: ImageSizes, members: number) {
    this.sizes = sizes;
    this.buffers = Array.from({ length: members }, () => new ArrayBuffer(0));
  }

  setData(images: Uint8Array, labels: Uint8Array): void {
    const count = countImages(images, this.sizes.pixels, 'setData');
    checkLabels(labels, count, this.sizes.classes, 'setData');
    this.data = { images, labels };
  }

  /** Prepares the steps with their images, for one member. @throws if a step does not fit the data or the network. */
  resolve(steps: TrainingStep[], member: number): Batches {
    const { pixels } = this.sizes;
    const count = steps.reduce((sum, step) => sum + ('indices' in step ? step.indices.length : 0), 0);
    if (this.buffers[member].byteLength < count * pixels) {
      this.buffers[member] = new ArrayBuffer(count * pixels);
    }
    const buffer = this.buffers[member];
    // A buffer that was sent to a failed member does not return.
    this.buffers[member] = new ArrayBuffer(0);
    let end = 0;
    const resolved = steps.map((step) => {
      if (!('indices' in step)) {
        return this.checked(step);
      }
      const { indices, ...settings } = step;
      const images = new Uint8Array(buffer, end, indices.length * pixels);
      end += images.length;
      return this.checked({ ...settings, images, labels: this.gather(indices, images) });
    });
    return { steps: resolved, buffer };
  }

  /** Takes back a member's buffer. */
  takeBack(buffer: ArrayBuffer, member: number): void {
    this.buffers[member] = buffer;
  }

  private checked(step: ResolvedStep): ResolvedStep {
    const count = countImages(step.images, this.sizes.pixels, 'train');
    if (count === 0) {
      throw new CallError('train', 'expected at least one image in each batch, found none');
    }
    checkLabels(step.labels, count, this.sizes.classes, 'train');
    return step;
  }

  /** Copies the rows' images into the buffer. @returns their labels. */
  private gather(indices: Int32Array, target: Uint8Array): Uint8Array {
    if (!this.data) {
      throw new CallError('train', 'expected setData before steps with indices');
    }
    const { pixels } = this.sizes;
    const { images, labels } = this.data;
    return Uint8Array.from(indices, (index, i) => {
      if (index < 0 || index >= labels.length) {
        throw new CallError('train', `expected indices from 0 to ${labels.length - 1}, found ${index}`);
      }
      target.set(images.subarray(index * pixels, (index + 1) * pixels), i * pixels);
      return labels[index];
    });
  }
}
