/**
 * The parameters of one step for its programs: one record in a buffer of many, bound at a dynamic offset. The record
 * consists of 32-bit words: the fields below, then `count` rows of the data, then `count` labels.
 */
export const RECORD_STRUCT = `
struct Record {
  count: u32,
  tilesPerBlock: u32,
  blocks: u32,
  filterGroups: u32,
  slot: u32,
  seed: u32,
  scale: f32,
  stepSize: f32,
  secondMomentScale: f32,
  epsilon: f32,
  attackStepSize: f32,
  values: array<u32>,
}`;

const INTEGERS = 6;
const FIELDS = 11;

export interface StepRecord {
  /** Number of images in the batch. */
  count: number;
  /** Tiles per block in the forward pass, and number of blocks. */
  tilesPerBlock: number;
  blocks: number;
  /** Number of groups of filters that divide the input gradient. */
  filterGroups?: number;
  /** Where results go: the step's index among the metrics, or the first image's index among the activations. */
  slot?: number;
  /** Factor of the objective's gradient: 1 / count in training. */
  scale?: number;
  /** Adam: learning rate / (1 - beta1^t), and 1 / sqrt(1 - beta2^t). */
  stepSize?: number;
  secondMomentScale?: number;
  attack?: { seed: number; epsilon: number; stepSize: number };
  /** Rows of the data; default: rows 0 to count - 1. */
  indices?: Int32Array;
  labels?: Uint8Array;
}

/** Offsets of bindings must be multiples of this (WebGPU's default limit). */
const OFFSET_ALIGNMENT = 256;

/** Bytes from one record to the next, for batches of up to `count` images. */
export function recordStride(count: number): number {
  const bytes = 4 * (FIELDS + 2 * count);
  return Math.ceil(bytes / OFFSET_ALIGNMENT) * OFFSET_ALIGNMENT;
}

/** Packs records, each `stride` bytes from the next. */
export function packRecords(records: StepRecord[], stride: number): ArrayBuffer {
  const buffer = new ArrayBuffer(records.length * stride);
  records.forEach((record, index) => {
    const { count, attack, indices, labels } = record;
    const words = new Uint32Array(buffer, index * stride, FIELDS + 2 * count);
    const floats = new Float32Array(buffer, index * stride, FIELDS);
    words.set([
      count,
      record.tilesPerBlock,
      record.blocks,
      record.filterGroups ?? 1,
      record.slot ?? 0,
      attack?.seed ?? 0,
    ]);
    floats.set(
      [
        record.scale ?? 1,
        record.stepSize ?? 0,
        record.secondMomentScale ?? 1,
        attack?.epsilon ?? 0,
        attack?.stepSize ?? 0,
      ],
      INTEGERS,
    );
    for (let row = 0; row < count; row++) {
      words[FIELDS + row] = indices ? indices[row] : row;
    }
    if (labels) {
      words.set(labels, FIELDS + count);
    }
  });
  return buffer;
}
