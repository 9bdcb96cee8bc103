/**
 * From partial logits to d(logits): sums the blocks in order, adds the bias, applies softmax, the objective and its
 * gradient. `parallel`: a workgroup of 256 threads handles 4 images; 4 threads for each image and output sum every
 * 4th block, and the sums meet in workgroup memory (256 + 64 floats). Then each thread of the first quarter has one
 * logit, reads its image's other logits, and writes one d(logit). Two barriers. `serial`: one thread handles a whole
 * image without workgroup memory, for software adapters, where a barrier costs more than the sums. One pass:
 * workgroups (`headWorkgroups`).
 */
import { type Kernel, makeKernel, WORKGROUP } from './kernel.ts';
import { biasOffset } from './layout.ts';
import { RECORD_STRUCT } from './record.ts';
import { MOST_OUTPUTS, type NetworkSizes } from './sizes.ts';

/** The computation of the head: activations only, or the gradient of an objective. */
export type HeadObjective = 'activations' | 'crossEntropy' | 'squaredError' | 'cotangent';

export type HeadMode = 'parallel' | 'serial';

const IMAGES = 4;
const PARTS = 4;
/** Threads that handle one part: one for each image and output. */
const LANES = IMAGES * MOST_OUTPUTS;

/**
 * Floats per image in `head`: d(logits), the objective's value, 1 if the prediction is correct, padded to a multiple
 * of four.
 */
export function headStride({ outputs }: NetworkSizes): number {
  return Math.ceil((outputs + 2) / 4) * 4;
}

export function headWorkgroups(count: number, mode: HeadMode): number {
  return Math.ceil(count / (mode === 'parallel' ? IMAGES : WORKGROUP));
}

export function headKernel(
  sizes: NetworkSizes,
  objective: HeadObjective,
  layer: 'linear' | 'logSoftmax',
  mode: HeadMode,
): Kernel {
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
    `${RECORD_STRUCT}\n${(mode === 'parallel' ? parallelMain : serialMain)(sizes, objective, layer)}`,
  );
}

function parallelMain(sizes: NetworkSizes, objective: HeadObjective, layer: 'linear' | 'logSoftmax'): string {
  const { outputs } = sizes;
  const logitOf = (output: string) => `logits[${output} * ${IMAGES}u + place]`;
  return `
var<workgroup> sums: array<f32, ${PARTS * LANES}>;
var<workgroup> logits: array<f32, ${LANES}>;
@compute @workgroup_size(${PARTS * LANES})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let lane = local.x % ${LANES}u;
  let place = lane % ${IMAGES}u;
  let output = lane / ${IMAGES}u;
  let image = group.x * ${IMAGES}u + place;
  let count = record.count;
  var sum = 0.0;
  if (image < count && output < ${outputs}u) {
    for (var block = local.x / ${LANES}u; block < record.blocks; block += ${PARTS}u) {
      sum += partialLogits[(block * ${outputs}u + output) * count + image];
    }
  }
  sums[local.x] = sum;
  workgroupBarrier();
  if (local.x < ${LANES}u && output < ${outputs}u) {
    var logit = filters[${biasOffset(sizes)}u + output];
    for (var part = 0u; part < ${PARTS}u; part++) {
      logit += sums[part * ${LANES}u + lane];
    }
    logits[lane] = logit;
  }
  workgroupBarrier();
  if (local.x >= ${LANES}u || output >= ${outputs}u || image >= count) { return; }
  ${softmax(outputs, logitOf)}
  ${imageValues(sizes, objective, layer, logitOf)}
  ${writeOutput(sizes, objective, layer, logitOf)}
}`;
}

function serialMain(sizes: NetworkSizes, objective: HeadObjective, layer: 'linear' | 'logSoftmax'): string {
  const { outputs } = sizes;
  const logitOf = (output: string) => `logits[${output}]`;
  return `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let image = id.x;
  let count = record.count;
  if (image >= count) { return; }
  var logits: array<f32, ${outputs}>;
  for (var output = 0u; output < ${outputs}u; output++) {
    logits[output] = filters[${biasOffset(sizes)}u + output];
    for (var block = 0u; block < record.blocks; block++) {
      logits[output] += partialLogits[(block * ${outputs}u + output) * count + image];
    }
  }
  ${softmax(outputs, logitOf)}
  ${imageValues(sizes, objective, layer, logitOf)}
  for (var output = 0u; output < ${outputs}u; output++) {
    ${writeOutput(sizes, objective, layer, logitOf)}
  }
}`;
}

/** Sets `largest`, `prediction` (the first in a tie), `total` and `logTotal` of one image. */
function softmax(outputs: number, logitOf: (output: string) => string): string {
  return `var largest = ${logitOf('0u')};
  var prediction = 0u;
  for (var o = 1u; o < ${outputs}u; o++) {
    if (${logitOf('o')} > largest) {
      largest = ${logitOf('o')};
      prediction = o;
    }
  }
  var total = 0.0;
  for (var o = 0u; o < ${outputs}u; o++) {
    total += exp(${logitOf('o')} - largest);
  }
  let logTotal = log(total);`;
}

/** The quantities over all outputs of an image that the objective needs. */
function imageValues(
  sizes: NetworkSizes,
  objective: HeadObjective,
  layer: 'linear' | 'logSoftmax',
  logitOf: (output: string) => string,
): string {
  const { outputs } = sizes;
  switch (objective) {
    case 'activations':
      return '';
    case 'crossEntropy':
      // The label's entry is minus the sum of the others, because p - 1 would cancel for a confident network.
      return `let label = record.values[count + image];
  var others = 0.0;
  for (var o = 0u; o < ${outputs}u; o++) {
    others += select(exp(${logitOf('o')} - largest), 0.0, o == label);
  }
  let value = logTotal - (${logitOf('label')} - largest);
  let right = select(0.0, 1.0, prediction == label);`;
    case 'squaredError':
    case 'cotangent':
      return `let right = 0.0;
  let given = image * ${outputs}u;
  var value = 0.0;
  var gradientSum = 0.0;
  for (var o = 0u; o < ${outputs}u; o++) {
    let a = ${activation(layer, logitOf('o'))};
    ${outputGradient(sizes, objective, 'o')}
    value += ${objective === 'squaredError' ? `(a - cotangent[given + o]) * (a - cotangent[given + o]) / ${outputs}.0` : 'g * a'};
    gradientSum += g;
  }`;
    default:
      return objective satisfies never;
  }
}

/** Writes one output of one image; for output 0, also the image's value. */
function writeOutput(
  sizes: NetworkSizes,
  objective: HeadObjective,
  layer: 'linear' | 'logSoftmax',
  logitOf: (output: string) => string,
): string {
  const { outputs } = sizes;
  const stride = headStride(sizes);
  const write = (gradient: string) => `head[image * ${stride}u + output] = ${gradient};
  if (output == 0u) {
    head[image * ${stride}u + ${outputs}u] = value;
    head[image * ${stride}u + ${outputs + 1}u] = right;
  }`;
  const logit = logitOf('output');
  switch (objective) {
    case 'activations':
      return `activations[(record.slot + image) * ${outputs}u + output] = ${activation(layer, logit)};`;
    case 'crossEntropy':
      return write(`record.scale * select(exp(${logit} - largest), -others, output == label) / total`);
    case 'squaredError':
    case 'cotangent':
      return `let a = ${activation(layer, logit)};
  ${outputGradient(sizes, objective, 'output')}
  ${write(layer === 'linear' ? 'g' : `g - gradientSum * exp(${logit} - largest) / total`)}`;
    default:
      return objective satisfies never;
  }
}

function activation(layer: 'linear' | 'logSoftmax', logit: string): string {
  return layer === 'linear' ? logit : `(${logit} - largest - logTotal)`;
}

/** Sets `g`, d(value) / d(activation `a`) at one output. */
function outputGradient({ outputs }: NetworkSizes, objective: HeadObjective, output: string): string {
  return objective === 'squaredError'
    ? `let g = ${2 / outputs} * (a - cotangent[given + ${output}]);`
    : `let g = cotangent[given + ${output}];`;
}
