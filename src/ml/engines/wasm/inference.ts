import type { InputGradient, Pixels } from '../engine.ts';
import { asFloats, type DescribedObjective, objectiveOfRow, throughLogSoftmax } from '../shared/objective.ts';
import { likelihoodGradient, logSoftmaxRow } from '../shared/softmax.ts';
import type { Family, Stage } from './family.ts';
import { CHUNK, type Instance } from './instance.ts';

/** Hidden layers are large, so process few images at a time, to stay in the second-level cache. */
const HIDDEN_CHUNK = 16;

/** Number of values per image at the stage. */
function unitsAt(family: Family, stage: Stage): number {
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

/** Implements `Engine.inputGradient` for a validated objective. */
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
