import type { OptimizerDescription } from '../../../model/optimizer.ts';
import { dropoutThreshold } from '../../../random/philox.ts';
import { LEVELS, wordsPerImage } from '../kernels/gather.ts';
import { type LayerProgram, layerProgram, perUnit, WORKGROUP } from './wgsl.ts';

/** Gathers rows of the data as float32. Reads byte / 255 from a table, because division on a GPU may be inexact. */
export function gather(pixels: number): LayerProgram {
  return layerProgram(
    'gather',
    [
      ['data', 'read', 'u32'],
      ['result', 'read_write'],
    ],
    perUnit(
      pixels,
      `let word = data[${LEVELS}u + record.rows[n] * ${wordsPerImage({ pixels })}u + unit / 4u];
  result[at] = bitcast<f32>(data[(word >> (8u * (unit % 4u))) & 255u]);`,
    ),
  );
}

export interface PoolShape {
  maps: number;
  height: number;
  width: number;
  size: number;
  rows: number;
  columns: number;
}

/** Max-pool, with the index of the window's largest pixel, of several the first in row-major order. */
export function poolForward({ maps, height, width, size, rows, columns }: PoolShape): LayerProgram {
  return layerProgram(
    'pool',
    [
      ['source', 'read'],
      ['result', 'read_write'],
      ['winners', 'read_write', 'u32'],
    ],
    perUnit(
      maps * rows * columns,
      `let map = unit / ${rows * columns}u;
  let row = (unit / ${columns}u) % ${rows}u;
  let column = unit % ${columns}u;
  let corner = ((n * ${maps}u + map) * ${height}u + row * ${size}u) * ${width}u + column * ${size}u;
  var winner = corner;
  var best = source[corner];
  for (var i = 1u; i < ${size * size}u; i++) {
    let pixel = corner + (i / ${size}u) * ${width}u + i % ${size}u;
    let value = source[pixel];
    if (value > best) {
      best = value;
      winner = pixel;
    }
  }
  result[at] = best;
  winners[at] = winner;`,
    ),
  );
}

/** The gradient of max-pool: a window's largest pixel gets the window's gradient, all other pixels 0. */
export function poolBackward({ maps, height, width, size, rows, columns }: PoolShape): LayerProgram {
  return layerProgram(
    'poolBackward',
    [
      ['source', 'read'],
      ['winners', 'read', 'u32'],
      ['result', 'read_write'],
    ],
    perUnit(
      maps * height * width,
      `let map = unit / ${height * width}u;
  let row = ((unit / ${width}u) % ${height}u) / ${size}u;
  let column = (unit % ${width}u) / ${size}u;
  var value = 0.0;
  if (row < ${rows}u && column < ${columns}u) {
    let window = ((n * ${maps}u + map) * ${rows}u + row) * ${columns}u + column;
    if (winners[window] == at) { value = source[window]; }
  }
  result[at] = value;`,
    ),
  );
}

/** ReLU in place. */
export function rectify(units: number): LayerProgram {
  return layerProgram(
    'rectify',
    [['values', 'read_write']],
    perUnit(units, 'values[at] = max(values[at], 0.0);'),
  );
}

/** Keeps a gradient where the activations are positive. */
export function keepPositive(units: number): LayerProgram {
  return layerProgram(
    'keepPositive',
    [
      ['activations', 'read'],
      ['values', 'read_write'],
    ],
    perUnit(units, 'values[at] = select(0.0, values[at], activations[at] > 0.0);'),
  );
}

/** Multiplies activations or their gradient by dropout's factors, in place. src/ml/random/philox.ts explains the words. */
export function dropout(units: number, rate: number, layer: number): LayerProgram {
  return layerProgram(
    'dropout',
    [['values', 'read_write']],
    `
fn highProduct(x: u32, y: u32) -> u32 {
  let xh = x >> 16u;
  let xl = x & 0xffffu;
  let yh = y >> 16u;
  let yl = y & 0xffffu;
  let middle = xh * yl + ((xl * yl) >> 16u);
  let carried = xl * yh + (middle & 0xffffu);
  return xh * yh + (middle >> 16u) + (carried >> 16u);
}
fn word(unit: u32, place: u32) -> u32 {
  var v = vec4u(unit >> 2u, place, ${layer}u, record.step);
  var key = vec2u(record.seedLow, record.seedHigh);
  for (var round = 0u; round < 10u; round++) {
    v = vec4u(
      highProduct(0xcd9e8d57u, v.z) ^ v.y ^ key.x,
      0xcd9e8d57u * v.z,
      highProduct(0xd2511f53u, v.x) ^ v.w ^ key.y,
      0xd2511f53u * v.x,
    );
    key += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return v[unit & 3u];
}
${perUnit(units, `values[at] = select(0.0, values[at] * ${floatText(1 / (1 - rate))}, word(unit, n) >= ${dropoutThreshold(rate)}u);`)}`,
  );
}

/** A number as a WGSL float literal, which needs a point or an exponent. */
function floatText(value: number): string {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/**
 * The loss of each image, whether its prediction is correct, and the gradient of the logits. The label's gradient is computed
 * as minus the sum of the other probabilities, which avoids cancellation. One thread per image.
 */
export function head(classes: number): LayerProgram {
  return layerProgram(
    'head',
    [
      ['logits', 'read'],
      ['gradient', 'read_write'],
      ['metrics', 'read_write'],
    ],
    `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= record.count) { return; }
  let row = n * ${classes}u;
  let label = record.rows[record.count + n];
  var best = 0u;
  for (var i = 1u; i < ${classes}u; i++) {
    if (logits[row + i] > logits[row + best]) { best = i; }
  }
  let largest = logits[row + best];
  var total = 0.0;
  for (var i = 0u; i < ${classes}u; i++) { total += exp(logits[row + i] - largest); }
  var others = 0.0;
  for (var i = 0u; i < ${classes}u; i++) {
    let p = exp(logits[row + i] - largest) / total;
    if (i != label) {
      others += p;
      gradient[row + i] = p * record.scale;
    }
  }
  gradient[row + label] = -others * record.scale;
  metrics[2u * (record.slot + n)] = log(total) + largest - logits[row + label];
  metrics[2u * (record.slot + n) + 1u] = select(0.0, 1.0, best == label);
}`,
  );
}

/** One update of all parameters, as in PyTorch. */
export function update(optimizer: OptimizerDescription, length: number): LayerProgram {
  const body = (statements: string) => `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * ${WORKGROUP}u + id.x;
  if (i >= ${length}u) { return; }
  ${statements}
}`;
  if (optimizer.kind === 'adam') {
    return layerProgram(
      'adam',
      [
        ['gradients', 'read'],
        ['parameters', 'read_write'],
        ['first', 'read_write'],
        ['second', 'read_write'],
      ],
      body(`let g = gradients[i];
  let m = first[i] + 0.1 * (g - first[i]);
  let v = 0.999 * second[i] + 0.001 * g * g;
  first[i] = m;
  second[i] = v;
  parameters[i] -= record.rate * m / (sqrt(v) * record.correction + 1e-8);`),
    );
  }
  const { momentum, weightDecay } = optimizer;
  return layerProgram(
    'sgd',
    [
      ['gradients', 'read'],
      ['parameters', 'read_write'],
      ...(momentum > 0
        ? ([['first', 'read_write']] as const).map(
            ([name, access]) => [name, access] as [string, 'read_write'],
          )
        : []),
    ],
    body(`var direction = fma(${floatText(weightDecay)}, parameters[i], gradients[i]);
  ${momentum > 0 ? `direction = fma(${floatText(momentum)}, first[i], direction);\n  first[i] = direction;` : ''}
  parameters[i] = fma(-record.rate, direction, parameters[i]);`),
  );
}
