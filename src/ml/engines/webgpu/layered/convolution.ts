import { type LayerProgram, layerProgram, lines, WORKGROUP } from './wgsl.ts';

export interface ConvolutionShape {
  /** Maps, rows and columns of the input. */
  maps: number;
  height: number;
  width: number;
  filters: number;
  kernelSize: number;
  /** Rows of zeros above, and columns of zeros left of the input. */
  before: number;
  rows: number;
  columns: number;
  /** Offsets of the parameters, in floats. */
  weights: number;
  bias: number;
}

/** Each thread computes this many neighboring columns of this many maps, to save loads. */
const TILE = 4;

/** A value of a row, or 0 beyond its ends. */
const VALUE_AT = `
fn valueAt(row: u32, column: i32, width: i32) -> f32 {
  return select(0.0, source[row + u32(clamp(column, 0, width - 1))], column >= 0 && column < width);
}`;

function tiled(rows: number, columns: number, maps: number, body: string): string {
  const across = Math.ceil(columns / TILE);
  return `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let n = id.z;
  if (id.x >= ${rows * across}u || n >= record.count) { return; }
  let row = id.x / ${across}u;
  let column = (id.x % ${across}u) * ${TILE}u;
  let first = id.y * ${TILE}u;
  ${lines(TILE, (m) => `let m${m} = min(first + ${m}u, ${maps - 1}u);`)}
  ${lines(TILE, (m) => lines(TILE, (x) => `var s${m}_${x} = 0.0;`))}
  ${body}
}`;
}

/** Numbers of workgroups in x and y for maps of this size; z counts the images. */
export function tiledWorkgroups(rows: number, columns: number, maps: number): [number, number] {
  return [Math.ceil((rows * Math.ceil(columns / TILE)) / WORKGROUP), Math.ceil(maps / TILE)];
}

function stores(rows: number, columns: number, maps: number, valueText: (m: number, x: number) => string) {
  return lines(
    TILE,
    (m) => `if (first + ${m}u < ${maps}u) {
    let to = ((n * ${maps}u + m${m}) * ${rows}u + row) * ${columns}u + column;
    ${lines(TILE, (x) => `if (column + ${x}u < ${columns}u) { result[to + ${x}u] = ${valueText(m, x)}; }`)}
  }`,
  );
}

/** The convolution with its bias, and optionally the ReLU that follows. */
export function convolutionForward(shape: ConvolutionShape, rectify: boolean): LayerProgram {
  const { maps, height, width, filters, kernelSize, before, rows, columns, weights, bias } = shape;
  const taps = kernelSize ** 2;
  const valueText = (m: number, x: number) => {
    const value = `s${m}_${x} + parameters[${bias}u + m${m}]`;
    return rectify ? `max(${value}, 0.0)` : value;
  };
  return layerProgram(
    'convolution',
    [
      ['parameters', 'read'],
      ['source', 'read'],
      ['result', 'read_write'],
    ],
    VALUE_AT +
      tiled(
        rows,
        columns,
        filters,
        `for (var c = 0u; c < ${maps}u; c++) {
    for (var ky = 0u; ky < ${kernelSize}u; ky++) {
      let y = i32(row + ky) - ${before};
      if (y < 0 || y >= ${height}) { continue; }
      let start = ((n * ${maps}u + c) * ${height}u + u32(y)) * ${width}u;
      let left = i32(column) - ${before};
      ${lines(TILE + kernelSize - 1, (i) => `let v${i} = valueAt(start, left + ${i}, ${width});`)}
      ${lines(
        TILE,
        (m) => `let w${m} = ${weights}u + (m${m} * ${maps}u + c) * ${taps}u + ky * ${kernelSize}u;
      ${lines(
        kernelSize,
        (k) => `{ let w = parameters[w${m} + ${k}u];
      ${lines(TILE, (x) => `s${m}_${x} = fma(w, v${x + k}, s${m}_${x});`)} }`,
      )}`,
      )}
    }
  }
  ${stores(rows, columns, filters, valueText)}`,
      ),
  );
}

/** The gradient of a convolution's input. */
export function convolutionInputGradient(shape: ConvolutionShape): LayerProgram {
  const { maps, height, width, filters, kernelSize, before, rows, columns, weights } = shape;
  const taps = kernelSize ** 2;
  return layerProgram(
    'convolutionInputGradient',
    [
      ['parameters', 'read'],
      ['source', 'read'],
      ['result', 'read_write'],
    ],
    VALUE_AT +
      tiled(
        height,
        width,
        maps,
        `for (var o = 0u; o < ${filters}u; o++) {
    for (var ky = 0u; ky < ${kernelSize}u; ky++) {
      let y = i32(row) + ${before} - i32(ky);
      if (y < 0 || y >= ${rows}) { continue; }
      let start = ((n * ${filters}u + o) * ${rows}u + u32(y)) * ${columns}u;
      let left = i32(column) + ${before - kernelSize + 1};
      ${lines(TILE + kernelSize - 1, (i) => `let v${i} = valueAt(start, left + ${i}, ${columns});`)}
      ${lines(
        TILE,
        (m) => `let w${m} = ${weights}u + (o * ${maps}u + m${m}) * ${taps}u + ky * ${kernelSize}u;
      ${lines(
        kernelSize,
        (k) => `{ let w = parameters[w${m} + ${k}u];
      ${lines(TILE, (x) => `s${m}_${x} = fma(w, v${x + kernelSize - 1 - k}, s${m}_${x});`)} }`,
      )}`,
      )}
    }
  }
  ${stores(height, width, maps, (m, x) => `s${m}_${x}`)}`,
      ),
  );
}

/**
 * The gradient of a convolution's weights. A workgroup computes one kernel row of one input map for four filters. Its threads
 * divide the rows of all images among them, and their sums are added in the threads' order. Workgroups: (filters / 4, maps,
 * kernel rows).
 */
export function convolutionGradient(shape: ConvolutionShape): LayerProgram {
  const { maps, height, width, filters, kernelSize, before, rows, columns, weights } = shape;
  const taps = kernelSize ** 2;
  const sums = TILE * kernelSize;
  // Columns beyond the last one of a row have no gradient.
  const cotangentAt = (m: number, x: number) =>
    columns % TILE === 0
      ? `cotangent[d${m} + column + ${x}u]`
      : `select(0.0, cotangent[d${m} + min(column + ${x}u, ${columns - 1}u)], column + ${x}u < ${columns}u)`;
  return layerProgram(
    'convolutionGradient',
    [
      ['source', 'read'],
      ['cotangent', 'read'],
      ['gradients', 'read_write'],
    ],
    `${VALUE_AT}
var<workgroup> partial: array<f32, ${sums * WORKGROUP}>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let c = group.y;
  let ky = group.z;
  ${lines(TILE, (m) => `let m${m} = min(group.x * ${TILE}u + ${m}u, ${filters - 1}u);`)}
  ${lines(TILE, (m) => lines(kernelSize, (k) => `var s${m}_${k} = 0.0;`))}
  for (var line = thread; line < record.count * ${rows}u; line += ${WORKGROUP}u) {
    let n = line / ${rows}u;
    let row = line % ${rows}u;
    let y = i32(row + ky) - ${before};
    if (y < 0 || y >= ${height}) { continue; }
    let start = ((n * ${maps}u + c) * ${height}u + u32(y)) * ${width}u;
    ${lines(TILE, (m) => `let d${m} = ((n * ${filters}u + m${m}) * ${rows}u + row) * ${columns}u;`)}
    for (var column = 0u; column < ${columns}u; column += ${TILE}u) {
      ${lines(TILE + kernelSize - 1, (i) => `let v${i} = valueAt(start, i32(column) + ${i - before}, ${width});`)}
      ${lines(TILE, (x) =>
        lines(
          TILE,
          (m) => `{ let g = ${cotangentAt(m, x)};
      ${lines(kernelSize, (k) => `s${m}_${k} = fma(g, v${x + k}, s${m}_${k});`)} }`,
        ),
      )}
    }
  }
  ${lines(TILE, (m) =>
    lines(kernelSize, (k) => `partial[thread * ${sums}u + ${m * kernelSize + k}u] = s${m}_${k};`),
  )}
  workgroupBarrier();
  if (thread >= ${sums}u) { return; }
  let output = group.x * ${TILE}u + thread / ${kernelSize}u;
  if (output >= ${filters}u) { return; }
  var total = 0.0;
  for (var i = 0u; i < ${WORKGROUP}u; i++) { total += partial[i * ${sums}u + thread]; }
  gradients[${weights}u + (output * ${maps}u + c) * ${taps}u + ky * ${kernelSize}u + thread % ${kernelSize}u] = total;
}`,
  );
}

export function gradientWorkgroups({
  filters,
  maps,
  kernelSize,
}: ConvolutionShape): [number, number, number] {
  return [Math.ceil(filters / TILE), maps, kernelSize];
}

/** The gradients of biases: one workgroup per map sums over the positions of all images. */
export function biasGradient(maps: number, positions: number, bias: number): LayerProgram {
  return layerProgram(
    'biasGradient',
    [
      ['cotangent', 'read'],
      ['gradients', 'read_write'],
    ],
    `
var<workgroup> partial: array<f32, ${WORKGROUP}>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < record.count * ${positions}u; i += ${WORKGROUP}u) {
    sum += cotangent[((i / ${positions}u) * ${maps}u + group.x) * ${positions}u + i % ${positions}u];
  }
  partial[thread] = sum;
  workgroupBarrier();
  if (thread > 0u) { return; }
  var total = 0.0;
  for (var i = 0u; i < ${WORKGROUP}u; i++) { total += partial[i]; }
  gradients[${bias}u + group.x] = total;
}`,
  );
}
