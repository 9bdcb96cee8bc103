/** A WGSL program with the entry point `main`. Binding 0 is the step's record; the buffers follow in their order. */
export interface LayerProgram {
  name: string;
  code: string;
  /** Access of the bindings after the record. */
  access: ('read' | 'read_write')[];
}

/** Threads of a workgroup. */
export const WORKGROUP = 64;

/** The arguments of a step's programs: one record of a buffer with many records, bound at a dynamic offset. */
const RECORD = `
struct Record {
  count: u32,
  slot: u32,
  seedLow: u32,
  seedHigh: u32,
  step: u32,
  scale: f32,
  rate: f32,
  correction: f32,
  seed: u32,
  epsilon: f32,
  attackStepSize: f32,
  rows: array<u32>,
}
@group(0) @binding(0) var<storage, read> record: Record;`;

/** Number of words of a record before its indices; the labels follow the indices. */
const RECORD_FIELDS = 11;

export interface StepRecord {
  count: number;
  /** Index of the step's first image in the metrics. */
  slot?: number;
  /** The two words of dropout's seed. */
  dropoutSeed?: readonly [low: number, high: number];
  /** Number of earlier updates. */
  step?: number;
  /** Factor of the loss's gradient. */
  scale?: number;
  /** Adam: learning rate / (1 - beta1^t); SGD: the learning rate. */
  rate?: number;
  /** Adam: 1 / sqrt(1 - beta2^t). */
  correction?: number;
  /** The attack of adversarial training; its epsilon is `radiusInside` of the requested epsilon. */
  attack?: { seed: number; epsilon: number; stepSize: number };
  indices?: ArrayLike<number>;
  labels?: ArrayLike<number>;
}

/** Bytes from one record to the next; dynamic offsets are multiples of 256. */
export function recordStride(count: number): number {
  return 256 * Math.ceil((4 * (RECORD_FIELDS + 2 * count)) / 256);
}

export function packRecord(record: StepRecord, target: ArrayBuffer, offset: number): void {
  const { count, slot = 0, dropoutSeed = [0, 0], step = 0, scale = 1, rate = 0, correction = 1 } = record;
  const { seed, epsilon, stepSize } = record.attack ?? { seed: 0, epsilon: 0, stepSize: 0 };
  const words = new Uint32Array(target, offset, RECORD_FIELDS + 2 * count);
  const floats = new Float32Array(target, offset, RECORD_FIELDS);
  words.set([count, slot, dropoutSeed[0], dropoutSeed[1], step]);
  floats.set([scale, rate, correction], 5);
  words[8] = seed;
  floats.set([epsilon, stepSize], 9);
  if (record.indices) words.set(record.indices, RECORD_FIELDS);
  if (record.labels) words.set(record.labels, RECORD_FIELDS + count);
}

/** Assembles a program: the record, the buffers as arrays, and the body with `fn main`. */
export function layerProgram(
  name: string,
  buffers: [name: string, access: 'read' | 'read_write', type?: string][],
  body: string,
): LayerProgram {
  const declarations = buffers.map(
    ([buffer, access, type = 'f32'], i) =>
      `@group(0) @binding(${i + 1}) var<storage, ${access}> ${buffer}: array<${type}>;`,
  );
  return {
    name,
    code: `${RECORD}\n${declarations.join('\n')}\n${body}`,
    access: buffers.map(([, access]) => access),
  };
}

/** Joins one line for each number from 0. */
export function lines(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join('\n');
}

/** A program with one thread per image `n` and `unit`; `at` is the index of that unit's value. */
export function perUnit(units: number, body: string): string {
  return `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let unit = id.x;
  let n = id.y;
  if (unit >= ${units}u || n >= record.count) { return; }
  let at = n * ${units}u + unit;
  ${body}
}`;
}
