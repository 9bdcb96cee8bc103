import type { InputGradient, Objective, Pixels } from '../engine.ts';
import type { Family, Stage } from './family.ts';
import { CHUNK, type Instance } from './instance.ts';
import { likelihoodGradient, logSoftmaxRow } from './softmax.ts';

/** Hidden layers are large: fewer images at a time keep them in the second cache. */
const HIDDEN_CHUNK = 16;

/** Images as float32: bytes stand for byte / 255. */
export function asFloats(images: Pixels): Float32Array {
  return images instanceof Float32Array ? images : Float32Array.from(images, (byte) => byte / 255);
}

/** Number of images; throws unless they are whole ones. */
export function countImages(images: Pixels, pixels: number, caller: string): number {
  const count = images.length / pixels;
  if (!Number.isInteger(count)) {
    throw new Error(`${caller}: expected images of ${pixels} pixels each, found ${images.length} values`);
  }
  return count;
}

/** Throws unless there is one label for each image, each a class. */
export function checkLabels(labels: Uint8Array, count: number, classes: number, caller: string): void {
  if (labels.length !== count) {
    throw new Error(`${caller}: expected ${count} labels, found ${labels.length}`);
  }
  const bad = labels.findIndex((label) => label >= classes);
  if (bad >= 0) {
    throw new Error(`${caller}: expected labels from 0 to ${classes - 1}, found ${labels[bad]} at ${bad}`);
  }
}

/** Number of values of one image at the stage. */
export function unitsAt(family: Family, stage: Stage): number {
  switch (stage) {
    case 'input':
      return family.pixels;
    case 'convolution':
    case 'rectified':
      return family.units;
    case 'logits':
    case 'logSoftmax':
      return family.classes;
    default:
      return stage satisfies never;
  }
}

function* chunksOf(count: number, size: number): Generator<{ first: number; end: number }> {
  for (let first = 0; first < count; first += size) {
    yield { first, end: Math.min(first + size, count) };
  }
}

function packRange(instance: Instance, images: Pixels, { first, end }: { first: number; end: number }): void {
  const { pixels } = instance.family;
  instance.pack(images.subarray(first * pixels, end * pixels));
}

/** Activations [n, units] at a stage. */
export function forward(instance: Instance, images: Pixels, stage: Stage): Float32Array {
  const count = images.length / instance.family.pixels;
  switch (stage) {
    case 'input':
      return asFloats(images).slice();
    case 'convolution':
    case 'rectified': {
      const { units } = instance.family;
      const result = new Float32Array(count * units);
      for (const range of chunksOf(count, HIDDEN_CHUNK)) {
        packRange(instance, images, range);
        const target = result.subarray(range.first * units, range.end * units);
        instance.hiddenActivations(range.end - range.first, stage === 'rectified', target);
      }
      return result;
    }
    case 'logits':
      return Float32Array.from(logitsOf(instance, images, count));
    case 'logSoftmax': {
      const rows = logitsOf(instance, images, count);
      for (const { first, end } of chunksOf(rows.length, instance.family.classes)) {
        logSoftmaxRow(rows.subarray(first, end));
      }
      return Float32Array.from(rows);
    }
    default:
      return stage satisfies never;
  }
}

function logitsOf(instance: Instance, images: Pixels, count: number): Float64Array {
  const { classes } = instance.family;
  const rows = new Float64Array(count * classes);
  for (const range of chunksOf(count, CHUNK)) {
    packRange(instance, images, range);
    rows.set(instance.logits(range.end - range.first), range.first * classes);
  }
  return rows;
}

/** The objectives that a member computes by itself. */
export type DescribedObjective = Exclude<Objective, { kind: 'callback' }>;

/** Throws unless the objective has its labels or values for every image. */
export function checkObjective(
  family: Family,
  count: number,
  stage: Stage,
  objective: DescribedObjective,
): void {
  if (objective.kind === 'crossEntropy') {
    checkLabels(objective.labels, count, family.classes, 'inputGradient');
    return;
  }
  const { name, values } =
    objective.kind === 'squaredError'
      ? { name: 'target', values: objective.target }
      : { name: 'cotangent', values: objective.cotangent };
  const units = unitsAt(family, stage);
  if (values.length !== count * units) {
    throw new Error(
      `inputGradient: expected a ${name} of ${count} x ${units} values, found ${values.length}`,
    );
  }
}

/** The objective of some of the images, with copies of what is theirs. */
export function objectiveOfRange(
  objective: DescribedObjective,
  units: number,
  { first, end }: { first: number; end: number },
): DescribedObjective {
  switch (objective.kind) {
    case 'crossEntropy':
      return { ...objective, labels: objective.labels.slice(first, end) };
    case 'squaredError':
      return { ...objective, target: objective.target.slice(first * units, end * units) };
    case 'cotangent':
      return { ...objective, cotangent: objective.cotangent.slice(first * units, end * units) };
    default:
      return objective satisfies never;
  }
}

/** What `Engine.inputGradient` does for a checked objective. */
export function inputGradient(
  instance: Instance,
  images: Pixels,
  stage: Stage,
  objective: DescribedObjective,
): InputGradient {
  const { family } = instance;
  const count = images.length / family.pixels;
  if (objective.kind === 'crossEntropy') {
    return gradientOfLogits(instance, images, count, (row, image) => {
      const sign = objective.sign ?? 1;
      const label = objective.labels[image];
      logSoftmaxRow(row);
      const value = -sign * row[label];
      likelihoodGradient(row, label, sign);
      return value;
    });
  }
  const squared = objective.kind === 'squaredError';
  const given = objective.kind === 'squaredError' ? objective.target : objective.cotangent;
  const units = unitsAt(family, stage);
  switch (stage) {
    case 'input':
      return gradientOfPixels(asFloats(images), given, units, squared);
    case 'convolution':
    case 'rectified': {
      const values = new Float64Array(count);
      const gradient = new Float32Array(count * family.pixels);
      for (const range of chunksOf(count, HIDDEN_CHUNK)) {
        const { first, end } = range;
        packRange(instance, images, range);
        instance.gradientOfHidden(
          given.subarray(first * units, end * units),
          { rectify: stage === 'rectified', squared },
          values.subarray(first, end),
          gradient.subarray(first * family.pixels, end * family.pixels),
        );
      }
      return { values, gradient };
    }
    case 'logits':
    case 'logSoftmax':
      return gradientOfLogits(instance, images, count, (row, image) => {
        const probabilities = stage === 'logSoftmax' ? row : undefined;
        if (probabilities) {
          logSoftmaxRow(probabilities);
        }
        const ofImage = given.subarray(image * units, (image + 1) * units);
        const cotangent = new Float64Array(units);
        const value = objectiveOfRow(row, ofImage, squared, cotangent);
        if (probabilities) {
          throughLogSoftmax(probabilities, cotangent);
        }
        row.set(cotangent);
        return value;
      });
    default:
      return stage satisfies never;
  }
}

/** Value and derivative of a squared error or a product with a cotangent, for one image's activations. */
function objectiveOfRow(
  activations: ArrayLike<number>,
  given: Float32Array,
  squared: boolean,
  cotangent: Float32Array | Float64Array,
): number {
  const units = given.length;
  let value = 0;
  for (let i = 0; i < units; i++) {
    if (squared) {
      const difference = activations[i] - given[i];
      value += difference ** 2 / units;
      cotangent[i] = (2 / units) * difference;
    } else {
      value += given[i] * activations[i];
      cotangent[i] = given[i];
    }
  }
  return value;
}

/** From d / d(log-probabilities) to d / d(logits), in place. */
function throughLogSoftmax(logProbabilities: Float64Array, cotangent: Float64Array): void {
  const total = cotangent.reduce((sum, value) => sum + value, 0);
  for (let i = 0; i < cotangent.length; i++) {
    cotangent[i] -= Math.exp(logProbabilities[i]) * total;
  }
}

function gradientOfPixels(
  images: Float32Array,
  given: Float32Array,
  pixels: number,
  squared: boolean,
): InputGradient {
  const gradient = new Float32Array(images.length);
  const values = Float64Array.from({ length: images.length / pixels }, (_, image) => {
    const first = image * pixels;
    const end = first + pixels;
    return objectiveOfRow(
      images.subarray(first, end),
      given.subarray(first, end),
      squared,
      gradient.subarray(first, end),
    );
  });
  return { values, gradient };
}

/** @param differentiate replaces an image's logits by d(value) / d(logits) and returns the value. */
function gradientOfLogits(
  instance: Instance,
  images: Pixels,
  count: number,
  differentiate: (row: Float64Array, image: number) => number,
): InputGradient {
  const { classes, pixels } = instance.family;
  const values = new Float64Array(count);
  const gradient = new Float32Array(count * pixels);
  for (const range of chunksOf(count, CHUNK)) {
    const { first, end } = range;
    packRange(instance, images, range);
    const rows = instance.logits(end - first);
    for (let image = first; image < end; image++) {
      const row = rows.subarray((image - first) * classes, (image - first + 1) * classes);
      values[image] = differentiate(row, image);
    }
    instance.gradientOfLogits(rows, gradient.subarray(first * pixels, end * pixels));
  }
  return { values, gradient };
}
