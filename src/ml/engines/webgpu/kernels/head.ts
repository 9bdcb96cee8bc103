/**
 * From partial logits to d(logits): sums the blocks in order, adds the bias, softmax, the objective and its gradient.
 * A workgroup takes 4 images; 16 threads of each, one per output, sum every 4th block, four times side by side, and
 * meet in workgroup memory (256 + 64 floats). Then each thread of the first quarter has one logit, reads its image's others, and
 * writes one d(logit). Two barriers. One pass: workgroups (padded images / 4).
 */
import { type Kernel, makeKernel } from '../kernel.ts';
import { biasOffset } from '../layout.ts';
import { RECORD_STRUCT } from '../record.ts';
import { MOST_OUTPUTS, type NetworkSizes } from '../sizes.ts';

/** What the head computes: activations only, or the gradient of one of the interface's objectives. */
export type HeadObjective = 'activations' | 'crossEntropy' | 'squaredError' | 'cotangent';

const IMAGES = 4;
const PARTS = 4;
/** Threads that take one part: one for each image and output. */
const LANES = IMAGES * MOST_OUTPUTS;

/** Floats per image in `head`: d(logits), the objective's value, 1 where the prediction is right, a rest up to four. */
export function headStride({ outputs }: NetworkSizes): number {
  return Math.ceil((outputs + 2) / 4) * 4;
}

export function headWorkgroups(padded: number): number {
  return Math.ceil(padded / IMAGES);
}

export function headKernel(
  sizes: NetworkSizes,
  objective: HeadObjective,
  layer: 'linear' | 'logSoftmax',
): Kernel {
  const { outputs } = sizes;
  return makeKernel(
    `head ${objective} ${layer}`,
    [
      { name: 'record', access: 'read', type: 'Record' },
      { name: 'partialLogits', access: 'read', type: 'array<f32>' },
      { name: 'filters', access: 'read', type: 'array<f32>' },
      ...(objective === 'activations'
        ? [{ name: 'activations', access: 'read_write', type: 'array<f32>' } as const]
        : [{ name: 'head', access: 'read_write', type: 'array<f32>' } as const]),
      ...(objective === 'squaredError' || objective === 'cotangent'
        ? [{ name: 'cotangent', access: 'read', type: 'array<f32>' } as const]
        : []),
    ],
    `${RECORD_STRUCT}
var<workgroup> sums: array<f32, ${PARTS * LANES}>;
var<workgroup> logits: array<f32, ${LANES}>;
@compute @workgroup_size(${PARTS * LANES})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let lane = local.x % ${LANES}u;
  let place = lane % ${IMAGES}u;
  let output = lane / ${IMAGES}u;
  let image = group.x * ${IMAGES}u + place;
  let count = record.count;
  var share = 0.0;
  if (image < count && output < ${outputs}u) {
    for (var block = local.x / ${LANES}u; block < record.blocks; block += ${PARTS}u) {
      share += partialLogits[(block * ${outputs}u + output) * count + image];
    }
  }
  sums[local.x] = share;
  workgroupBarrier();
  if (local.x < ${LANES}u && output < ${outputs}u) {
    var logit = filters[${biasOffset(sizes)}u + output];
    for (var part = 0u; part < ${PARTS}u; part++) {
      logit += sums[part * ${LANES}u + lane];
    }
    logits[lane] = logit;
  }
  workgroupBarrier();
  if (local.x >= ${LANES}u || output >= ${outputs}u || image >= record.padded) { return; }
  let logit = logits[lane];
  var largest = logit;
  var prediction = output;
  for (var o = 0u; o < ${outputs}u; o++) {
    let other = logits[o * ${IMAGES}u + place];
    if (other > largest || (other == largest && o < prediction)) {
      largest = other;
      prediction = o;
    }
  }
  var total = 0.0;
  for (var o = 0u; o < ${outputs}u; o++) {
    total += exp(logits[o * ${IMAGES}u + place] - largest);
  }
  let logTotal = log(total);
  ${body(sizes, objective, layer)}
}`,
  );
}

function body(sizes: NetworkSizes, objective: HeadObjective, layer: 'linear' | 'logSoftmax'): string {
  const { outputs } = sizes;
  const stride = headStride(sizes);
  const activation = (logit: string) => (layer === 'linear' ? logit : `(${logit} - largest - logTotal)`);
  const write = (gradient: string, value: string, right: string) => `
  let start = image * ${stride}u;
  let isReal = image < count;
  head[start + output] = select(0.0, ${gradient}, isReal);
  if (output == 0u) {
    head[start + ${outputs}u] = select(0.0, ${value}, isReal);
    head[start + ${outputs + 1}u] = select(0.0, ${right}, isReal);
  }`;
  switch (objective) {
    case 'activations':
      return `if (image < count) {
    activations[(record.slot + image) * ${outputs}u + output] = ${activation('logit')};
  }`;
    case 'crossEntropy':
      // The label's share is minus the sum of the others: p - 1 would cancel where the network is sure.
      return `let label = record.values[record.padded + image];
  var others = 0.0;
  for (var o = 0u; o < ${outputs}u; o++) {
    others += select(exp(logits[o * ${IMAGES}u + place] - largest), 0.0, o == label);
  }
  let ownShare = select(exp(logit - largest), -others, output == label) / total;
  let labelLogit = logits[label * ${IMAGES}u + place];
  ${write('record.scale * ownShare', 'logTotal - (labelLogit - largest)', 'select(0.0, 1.0, prediction == label)')}`;
    case 'squaredError':
    case 'cotangent': {
      const isSquared = objective === 'squaredError';
      // g is d(value) / d(activation) at one output, v what that output adds to the value.
      const at = (
        o: string,
        logit: string,
      ) => `let given = cotangent[min(image, count - 1u) * ${outputs}u + ${o}];
    let a = ${activation(logit)};
    ${
      isSquared
        ? `let v = (a - given) * (a - given) / ${outputs}.0;
    let g = ${2 / outputs} * (a - given);`
        : `let v = given * a;
    let g = given;`
    }`;
      return `var value = 0.0;
  var gradientSum = 0.0;
  for (var o = 0u; o < ${outputs}u; o++) {
    ${at('o', `logits[o * ${IMAGES}u + place]`)}
    value += v;
    gradientSum += g;
  }
  ${at('output', 'logit')}
  ${write(layer === 'linear' ? 'g' : 'g - gradientSum * exp(logit - largest) / total', 'value', '0.0')}`;
    }
    default:
      return objective satisfies never;
  }
}
