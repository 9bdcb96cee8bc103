/**
 * From partial logits to d(logits): sums the blocks in order, adds the bias, softmax, the objective and its gradient.
 * A workgroup takes 8 images with 32 threads each: a thread sums every 32nd block, then 32 partial sums
 * meet in workgroup memory (32 x 8 x outputs floats, 16 KiB at most), then one thread per image does the rest.
 * One pass: workgroups (padded images / 8).
 */
import { type Kernel, lines, makeKernel, sum, times } from '../kernel.ts';
import { biasOffset } from '../layout.ts';
import { RECORD_STRUCT } from '../record.ts';
import type { NetworkSizes } from '../sizes.ts';

/** What the head computes: activations only, or the gradient of one of the interface's objectives. */
export type HeadObjective = 'activations' | 'crossEntropy' | 'squaredError' | 'cotangent';

const IMAGES = 8;
const PARTS = 32;

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
  const stride = headStride(sizes);
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
var<workgroup> sums: array<f32, ${PARTS * IMAGES * outputs}>;
@compute @workgroup_size(${IMAGES * PARTS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let place = local.x % ${IMAGES}u;
  let part = local.x / ${IMAGES}u;
  let image = group.x * ${IMAGES}u + place;
  let count = record.count;
  ${lines(outputs, (o) => `var sum${o} = 0.0;`)}
  if (image < count) {
    for (var block = part; block < record.blocks; block += ${PARTS}u) {
      let start = block * ${outputs}u * count + image;
      ${lines(outputs, (o) => `sum${o} += partialLogits[start + ${o}u * count];`)}
    }
  }
  ${lines(outputs, (o) => `sums[(part * ${outputs}u + ${o}u) * ${IMAGES}u + place] = sum${o};`)}
  workgroupBarrier();
  if (local.x < ${IMAGES * outputs}u) {
    var logit = filters[${biasOffset(sizes)}u + local.x / ${IMAGES}u];
    for (var i = 0u; i < ${PARTS}u; i++) {
      logit += sums[i * ${outputs * IMAGES}u + local.x];
    }
    sums[local.x] = logit;
  }
  workgroupBarrier();
  if (local.x >= ${IMAGES}u || image >= record.padded) { return; }
  ${lines(outputs, (o) => `let logit${o} = sums[${o * IMAGES}u + place];`)}
  ${body(sizes, objective, layer, stride)}
}`,
  );
}

function body(
  sizes: NetworkSizes,
  objective: HeadObjective,
  layer: 'linear' | 'logSoftmax',
  stride: number,
): string {
  const { outputs } = sizes;
  const each = (make: (output: number) => string) => lines(outputs, make);
  const all = (make: (output: number) => string) => times(outputs, make);
  const softmax = `let largest = ${all((o) => `logit${o}`).reduce((a, b) => `max(${a}, ${b})`)};
  ${each((o) => `let exp${o} = exp(logit${o} - largest);`)}
  let total = ${sum(all((o) => `exp${o}`))};
  let logTotal = log(total);`;
  const activation = (o: number) => (layer === 'linear' ? `logit${o}` : `(logit${o} - largest - logTotal)`);
  const write = (gradient: (o: number) => string, value: string, right: string) => `
  let at = image * ${stride}u;
  if (image >= count) {
    ${lines(stride, (i) => `head[at + ${i}u] = 0.0;`)}
    return;
  }
  ${each((o) => `head[at + ${o}u] = ${gradient(o)};`)}
  head[at + ${outputs}u] = ${value};
  head[at + ${outputs + 1}u] = ${right};`;

  switch (objective) {
    case 'activations':
      return `if (image >= count) { return; }
  ${softmax}
  let at = (record.slot + image) * ${outputs}u;
  ${each((o) => `activations[at + ${o}u] = ${activation(o)};`)}`;
    case 'crossEntropy':
      // The label's share is minus the sum of the others: p - 1 would cancel where the network is sure.
      return `${softmax}
  let label = record.values[record.padded + image];
  ${each((o) => `let other${o} = select(exp${o} / total, 0.0, label == ${o}u);`)}
  let others = ${sum(all((o) => `other${o}`))};
  let labelLogit = ${sum(all((o) => `select(0.0, logit${o}, label == ${o}u)`))};
  var prediction = 0u;
  var best = logit0;
  ${lines(outputs - 1, (o) => `if (logit${o + 1} > best) { best = logit${o + 1}; prediction = ${o + 1}u; }`)}
  ${write(
    (o) => `record.scale * select(other${o}, -others, label == ${o}u)`,
    'logTotal - (labelLogit - largest)',
    'select(0.0, 1.0, prediction == label)',
  )}`;
    case 'squaredError':
    case 'cotangent': {
      const isSquared = objective === 'squaredError';
      return `${softmax}
  let given = min(image, count - 1u) * ${outputs}u;
  ${each((o) =>
    isSquared
      ? `let difference${o} = ${activation(o)} - cotangent[given + ${o}u];
  let c${o} = ${2 / outputs} * difference${o};`
      : `let c${o} = cotangent[given + ${o}u];`,
  )}
  let value = ${
    isSquared
      ? `(${sum(all((o) => `difference${o} * difference${o}`))}) / ${outputs}.0`
      : sum(all((o) => `c${o} * ${activation(o)}`))
  };
  ${
    layer === 'linear'
      ? write((o) => `c${o}`, 'value', '0.0')
      : `let share = (${sum(all((o) => `c${o}`))}) / total;
  ${write((o) => `c${o} - share * exp${o}`, 'value', '0.0')}`
  }`;
    }
    default:
      return objective satisfies never;
  }
}
