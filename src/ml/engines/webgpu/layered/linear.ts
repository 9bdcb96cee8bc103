import { type LayerProgram, layerProgram, lines, WORKGROUP } from './wgsl.ts';

export interface LinearShape {
  inputs: number;
  outputs: number;
  /** Offsets of the parameters, in floats. */
  weights: number;
  bias: number;
}

/** A workgroup computes this many outputs of this many images. */
const TILE = 4;
/** A thread computes this many values per shared load. */
const SHARED = 8;

/**
 * A linear layer: the threads of a workgroup divide the inputs among them, and their sums are added in the threads' order.
 * Workgroups: (outputs / 4, images / 4).
 */
export function linearForward(
  { inputs, outputs, weights, bias }: LinearShape,
  rectify: boolean,
): LayerProgram {
  const sums = TILE * TILE;
  const value = `total + parameters[${bias}u + output]`;
  return layerProgram(
    'linear',
    [
      ['parameters', 'read'],
      ['source', 'read'],
      ['result', 'read_write'],
    ],
    `
var<workgroup> partial: array<f32, ${sums * WORKGROUP}>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  ${lines(TILE, (o) => `let w${o} = ${weights}u + min(group.x * ${TILE}u + ${o}u, ${outputs - 1}u) * ${inputs}u;`)}
  ${lines(TILE, (i) => `let x${i} = min(group.y * ${TILE}u + ${i}u, record.count - 1u) * ${inputs}u;`)}
  ${lines(sums, (i) => `var s${i} = 0.0;`)}
  for (var k = thread; k < ${inputs}u; k += ${WORKGROUP}u) {
    ${lines(TILE, (i) => `let v${i} = source[x${i} + k];`)}
    ${lines(
      TILE,
      (o) => `{ let w = parameters[w${o} + k];
    ${lines(TILE, (i) => `s${o * TILE + i} = fma(w, v${i}, s${o * TILE + i});`)} }`,
    )}
  }
  ${lines(sums, (i) => `partial[thread * ${sums}u + ${i}u] = s${i};`)}
  workgroupBarrier();
  let output = group.x * ${TILE}u + thread / ${TILE}u;
  let n = group.y * ${TILE}u + thread % ${TILE}u;
  if (thread >= ${sums}u || output >= ${outputs}u || n >= record.count) { return; }
  var total = 0.0;
  for (var i = 0u; i < ${WORKGROUP}u; i++) { total += partial[i * ${sums}u + thread]; }
  result[n * ${outputs}u + output] = ${rectify ? `max(${value}, 0.0)` : value};
}`,
  );
}

export function linearWorkgroups({ outputs }: LinearShape, count: number): [number, number] {
  return [Math.ceil(outputs / TILE), Math.ceil(count / TILE)];
}

/** The gradient of a linear layer's input. Workgroups: (inputs / 64, images / 8). */
export function linearInputGradient({ inputs, outputs, weights }: LinearShape): LayerProgram {
  return layerProgram(
    'linearInputGradient',
    [
      ['parameters', 'read'],
      ['source', 'read'],
      ['result', 'read_write'],
    ],
    `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= ${inputs}u) { return; }
  ${lines(SHARED, (i) => `let d${i} = min(id.y * ${SHARED}u + ${i}u, record.count - 1u) * ${outputs}u;`)}
  ${lines(SHARED, (i) => `var s${i} = 0.0;`)}
  for (var o = 0u; o < ${outputs}u; o++) {
    let w = parameters[${weights}u + o * ${inputs}u + id.x];
    ${lines(SHARED, (i) => `s${i} = fma(w, source[d${i} + o], s${i});`)}
  }
  ${lines(
    SHARED,
    (i) => `if (id.y * ${SHARED}u + ${i}u < record.count) {
    result[(id.y * ${SHARED}u + ${i}u) * ${inputs}u + id.x] = s${i};
  }`,
  )}
}`,
  );
}

export function inputGradientWorkgroups({ inputs }: LinearShape, count: number): [number, number] {
  return [Math.ceil(inputs / WORKGROUP), Math.ceil(count / SHARED)];
}

/**
 * The gradient of a linear layer's weights: the sum over images, in their order. Workgroups: (inputs / 64, outputs / 8).
 */
export function linearGradient({ inputs, outputs, weights }: LinearShape): LayerProgram {
  return layerProgram(
    'linearGradient',
    [
      ['source', 'read'],
      ['cotangent', 'read'],
      ['gradients', 'read_write'],
    ],
    `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= ${inputs}u) { return; }
  let first = id.y * ${SHARED}u;
  ${lines(SHARED, (o) => `let o${o} = min(first + ${o}u, ${outputs - 1}u);`)}
  ${lines(SHARED, (o) => `var s${o} = 0.0;`)}
  for (var n = 0u; n < record.count; n++) {
    let v = source[n * ${inputs}u + id.x];
    ${lines(SHARED, (o) => `s${o} = fma(v, cotangent[n * ${outputs}u + o${o}], s${o});`)}
  }
  ${lines(
    SHARED,
    (o) => `if (first + ${o}u < ${outputs}u) { gradients[${weights}u + o${o} * ${inputs}u + id.x] = s${o}; }`,
  )}
}`,
  );
}

export function gradientWorkgroups({ inputs, outputs }: LinearShape): [number, number] {
  return [Math.ceil(inputs / WORKGROUP), Math.ceil(outputs / SHARED)];
}
