import type { InputGradient, Pixels } from '../engine.ts';
import { type DescribedObjective, differentiateRow } from '../shared/objective.ts';
import { SHARD, type Stage } from '../shared/plan.ts';
import { logSoftmaxRow } from '../shared/softmax.ts';
import type { LayeredInstance } from './layeredInstance.ts';

/** Activations [n, units] at a stage. */
export function forward(instance: LayeredInstance, images: Pixels, stage: Stage): Float32Array {
  const units = unitsAt(instance, stage);
  const count = images.length / instance.plan.pixels;
  const result = new Float32Array(count * units);
  for (const { first, end } of shardsOf(count)) {
    const rows = result.subarray(first * units, end * units);
    run(instance, images, stage, { first, end }, rows);
    if (stage.logSoftmax) {
      for (let image = 0; image < end - first; image++) {
        const row = Float64Array.from(rows.subarray(image * units, (image + 1) * units));
        logSoftmaxRow(row);
        rows.set(row, image * units);
      }
    }
  }
  return result;
}

/** `Engine.inputGradient` for a checked objective. */
export function inputGradient(
  instance: LayeredInstance,
  images: Pixels,
  asked: Stage,
  objective: DescribedObjective,
): InputGradient {
  const { pixels, logits } = instance.plan;
  const stage = objective.kind === 'crossEntropy' ? logits : asked;
  const units = unitsAt(instance, stage);
  const count = images.length / pixels;
  const values = new Float64Array(count);
  const gradient = new Float32Array(count * pixels);
  for (const { first, end } of shardsOf(count)) {
    const rows = new Float32Array((end - first) * units);
    run(instance, images, stage, { first, end }, rows);
    for (let image = first; image < end; image++) {
      const row = rows.subarray((image - first) * units, (image - first + 1) * units);
      values[image] = differentiateRow(row, stage.logSoftmax, objective, image);
    }
    instance.writeGradient(stage.tensor, rows);
    instance.backward(stage, 'input');
    instance.readInputGradient(end - first, gradient.subarray(first * pixels, end * pixels));
  }
  return { values, gradient };
}

function run(
  instance: LayeredInstance,
  images: Pixels,
  stage: Stage,
  { first, end }: { first: number; end: number },
  rows: Float32Array,
): void {
  const { pixels } = instance.plan;
  instance.pack(images.subarray(first * pixels, end * pixels));
  instance.forward(stage);
  instance.read(stage.tensor, end - first, rows);
}

function unitsAt({ plan }: LayeredInstance, { tensor }: Stage): number {
  const { maps, rows, columns } = plan.tensors[tensor];
  return maps * rows * columns;
}

/** The images of each shard. */
function* shardsOf(count: number): Generator<{ first: number; end: number }> {
  for (let first = 0; first < count; first += SHARD) {
    yield { first, end: Math.min(first + SHARD, count) };
  }
}
