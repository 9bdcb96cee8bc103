import type { Engine, InputGradient, Objective, Pixels } from '../../engine.ts';
import {
  asFloats,
  checkObjective,
  countImages,
  type DescribedObjective,
  differentiateRow,
} from '../../shared/objective.ts';
import type { Stage } from '../../shared/plan.ts';
import { logSoftmaxRow } from '../../shared/softmax.ts';
import type { LayeredContext } from './context.ts';

/** Number of images per pass, which limits the memory of the activations. */
const CHUNK = 64;

/** Activations and input gradients, without dropout. */
export class LayeredInference implements Pick<Engine, 'forward' | 'inputGradient'> {
  readonly #context: LayeredContext;

  constructor(context: LayeredContext) {
    this.#context = context;
  }

  async forward(images: Pixels, layer: string): Promise<Float32Array> {
    const stage = this.#context.stageOf(layer, 'forward');
    const units = this.#context.unitsAt(stage);
    const count = this.#count(images, 'forward');
    await this.#compileTo(stage);
    const result = new Float32Array(count * units);
    for (let first = 0; first < count; first += CHUNK) {
      const end = Math.min(first + CHUNK, count);
      const rows = result.subarray(first * units, end * units);
      rows.set(await this.#activations(images, stage, first, end));
      if (stage.logSoftmax) {
        for (let at = 0; at < rows.length; at += units) {
          const row = Float64Array.from(rows.subarray(at, at + units));
          logSoftmaxRow(row);
          rows.set(row, at);
        }
      }
    }
    return result;
  }

  async #compileTo(stage: Stage): Promise<void> {
    const last = stage.truncated ? this.#context.operations[stage.operations - 1].truncated : undefined;
    const operations = this.#context.operations.slice(0, stage.operations);
    await this.#context.runner.compile([last, ...operations.map(({ forward }) => forward)]);
  }

  /** Activations of some images at a stage; the stage's tensor keeps them for a backward pass. */
  async #activations(images: Pixels, stage: Stage, first: number, end: number): Promise<Float32Array> {
    const { pixels } = this.#context.plan;
    const count = end - first;
    this.#context.ensure(count);
    const part = new Float32Array(asFloats(images.subarray(first * pixels, end * pixels)));
    this.#context.writeRecords([{ count }]);
    this.#context.runner.queue.write(this.#context.runner.buffer({ activations: 0 }), 0, part);
    this.#context.runner.queue.submit((encoder) => {
      const pass = encoder.beginComputePass();
      for (let index = 0; index < stage.operations; index++) {
        const { forward, truncated, dropout } = this.#context.operations[index];
        const last = stage.truncated && index === stage.operations - 1;
        if (!dropout) this.#context.runner.dispatch(pass, (last && truncated) || forward, count);
      }
      pass.end();
    });
    return this.#context.read([
      { ref: { activations: stage.tensor }, bytes: 4 * count * this.#context.unitsAt(stage) },
    ]);
  }

  async inputGradient(
    images: Pixels,
    layer: string,
    objective: Objective,
    { activations: wanted = false }: { activations?: boolean } = {},
  ): Promise<InputGradient> {
    if (objective.kind === 'callback') {
      const activations = await this.forward(images, layer);
      // Copy, because the callback may keep its arguments.
      const { values, cotangent } = objective.evaluate(activations.slice());
      const { gradient } = await this.inputGradient(images, layer, { kind: 'cotangent', cotangent });
      return wanted ? { values, gradient, activations } : { values, gradient };
    }
    const asked = this.#context.stageOf(layer, 'inputGradient');
    const count = this.#count(images, 'inputGradient');
    const { pixels, classes, logits } = this.#context.plan;
    checkObjective(objective, { count, units: this.#context.unitsAt(asked), classes });
    const stage = objective.kind === 'crossEntropy' ? logits : asked;
    await this.#compileTo(stage);
    const below = this.#context.operations.slice(0, stage.operations);
    await this.#context.runner.compile(below.flatMap(({ unrectify, backward }) => [unrectify, backward]));
    const result: InputGradient = {
      values: new Float64Array(count),
      gradient: new Float32Array(count * pixels),
    };
    for (let first = 0; first < count; first += CHUNK) {
      await this.#gradientOf(
        images,
        stage,
        objective,
        { first, end: Math.min(first + CHUNK, count) },
        result,
      );
    }
    return wanted ? { ...result, activations: await this.forward(images, layer) } : result;
  }

  async #gradientOf(
    images: Pixels,
    stage: Stage,
    objective: DescribedObjective,
    { first, end }: { first: number; end: number },
    { values, gradient }: InputGradient,
  ): Promise<void> {
    const { pixels } = this.#context.plan;
    const units = this.#context.unitsAt(stage);
    const count = end - first;
    const rows = new Float32Array(await this.#activations(images, stage, first, end));
    for (let n = 0; n < count; n++) {
      const row = rows.subarray(n * units, (n + 1) * units);
      values[first + n] = differentiateRow(row, stage.logSoftmax, objective, first + n);
    }
    this.#context.runner.queue.write(this.#context.runner.buffer({ gradient: stage.tensor }), 0, rows);
    this.#context.runner.queue.submit((encoder) => {
      const pass = encoder.beginComputePass();
      this.#context.encodeInputGradient(pass, stage, count);
      pass.end();
    });
    gradient.set(
      await this.#context.read([{ ref: { gradient: 0 }, bytes: 4 * count * pixels }]),
      first * pixels,
    );
  }

  #count(images: Pixels, caller: string): number {
    return countImages(images, this.#context.plan.pixels, caller);
  }
}
