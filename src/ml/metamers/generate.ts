import { CallError } from '../callError.ts';
import type { Engine } from '../engines/engine.ts';
import { shapeAt, sizeOf } from '../model/network.ts';
import { type MetamerLoss, metamerLoss } from './loss.ts';
import { PixelAdam } from './pixelAdam.ts';

export interface MetamerSettings {
  /** Whose activations are matched; `input` too. */
  layer: string;
  /** Updates to make. Default 100. */
  iterations?: number;
  /** Of Adam on the pixels, above 0 and up to 10. Default 0.01. */
  learningRate?: number;
  /** Default mse. */
  loss?: MetamerLoss;
  /** Weight of the image's total variation in the loss. Default 0. */
  totalVariation?: number;
  /** Keep pixels in [0, 1] after each update. Default false, as the notebook. */
  clip?: boolean;
  /** Never zero the gradient, as the notebook's printed loop does. Default false. */
  accumulate?: boolean;
}

/** All metamers of a run after so many updates. */
export interface MetamerIterate {
  iteration: number;
  /** [n, pixels]; a copy. */
  images: Float32Array;
  /** One per metamer, of these images. */
  losses: Float64Array;
  /** [n, units] at the layer, where they were asked for. */
  activations?: Float32Array;
}

export interface MetamerResult {
  count: number;
  /** losses[i][k] is metamer i's loss before update k + 1. */
  losses: Float64Array[];
  /** After the last update made: images [n, pixels] and their losses. */
  last: MetamerIterate;
  /** Each metamer's iterate of least loss. */
  best: { images: Float32Array; losses: Float64Array; iterations: Int32Array };
  /** Images at the iterations asked for. */
  kept: { iteration: number; images: Float32Array }[];
}

/**
 * Generates metamers of references side by side, step by step: yields the starting images first and then those
 * after each update. The engine's parameters are only read. Whoever iterates may pause between steps or stop.
 * @param references [n, pixels]
 * @param starts [n, pixels]
 * @throws on settings out of range, and where a loss stops being a number.
 */
export async function* metamerIterates(
  engine: Engine,
  references: Float32Array,
  starts: Float32Array,
  settings: MetamerSettings,
  { activations = false } = {},
): AsyncGenerator<MetamerIterate, void> {
  const { layer, iterations = 100, learningRate = 1e-2, loss = 'mse', totalVariation = 0 } = settings;
  assertRequest(engine, references, starts, { iterations, learningRate, totalVariation });
  const evaluate = await metamerLoss(engine, layer, references, { loss, totalVariation });
  const images = starts.slice();
  const adam = new PixelAdam(images.length);
  const total = settings.accumulate ? new Float64Array(images.length) : undefined;
  for (let iteration = 0; ; iteration++) {
    const result = await evaluate(images, { activations });
    assertFinite(result.losses, iteration);
    yield {
      iteration,
      images: images.slice(),
      losses: result.losses,
      ...(result.activations && { activations: result.activations }),
    };
    if (iteration === iterations) {
      return;
    }
    if (total) {
      result.gradient.forEach((value, i) => {
        total[i] += value;
      });
    }
    adam.update(images, total ?? result.gradient, learningRate);
    if (settings.clip) {
      clipToUnit(images);
    }
  }
}

/**
 * Generates metamers to the end, or until `signal` aborts (then throws its reason).
 * @param options `keep`: iterations whose images come back; `onIterate` sees every iterate, and may wait.
 */
export async function generateMetamers(
  engine: Engine,
  references: Float32Array,
  starts: Float32Array,
  settings: MetamerSettings,
  {
    keep = [],
    activations = false,
    signal,
    onIterate,
  }: {
    keep?: readonly number[];
    activations?: boolean;
    signal?: AbortSignal;
    onIterate?(iterate: MetamerIterate): void | Promise<void>;
  } = {},
): Promise<MetamerResult> {
  const collector = new MetamerCollector(sizeOf(shapeAt(engine.network, 'input')), keep);
  for await (const iterate of metamerIterates(engine, references, starts, settings, { activations })) {
    signal?.throwIfAborted();
    collector.add(iterate);
    await onIterate?.(iterate);
  }
  return collector.result();
}

/** Gathers a run's result from its iterates, also of a run that was stopped early. */
export class MetamerCollector {
  readonly #pixels: number;
  readonly #keep: readonly number[];
  readonly #curves: number[][] = [];
  readonly #kept: MetamerResult['kept'] = [];
  #last: MetamerIterate | undefined;
  #best: MetamerResult['best'] | undefined;

  constructor(pixels: number, keep: readonly number[] = []) {
    this.#pixels = pixels;
    this.#keep = keep;
  }

  add(iterate: MetamerIterate): void {
    const { iteration, images, losses } = iterate;
    this.#last?.losses.forEach((loss, i) => {
      this.#curves[i] ??= [];
      this.#curves[i].push(loss);
    });
    this.#last = iterate;
    if (this.#keep.includes(iteration)) {
      this.#kept.push({ iteration, images });
    }
    if (!this.#best) {
      const iterations = new Int32Array(losses.length).fill(iteration);
      this.#best = { images: images.slice(), losses: losses.slice(), iterations };
      return;
    }
    for (let i = 0; i < losses.length; i++) {
      if (losses[i] < this.#best.losses[i]) {
        const start = i * this.#pixels;
        this.#best.images.set(images.subarray(start, start + this.#pixels), start);
        this.#best.losses[i] = losses[i];
        this.#best.iterations[i] = iteration;
      }
    }
  }

  /** @throws before the first iterate. */
  result(): MetamerResult {
    if (!this.#last || !this.#best) {
      throw new CallError('MetamerCollector', 'expected at least one iterate, found none');
    }
    const count = this.#last.losses.length;
    return {
      count,
      losses: Array.from({ length: count }, (_, i) => Float64Array.from(this.#curves[i] ?? [])),
      last: this.#last,
      best: this.#best,
      kept: this.#kept,
    };
  }
}

function clipToUnit(images: Float32Array): void {
  for (let i = 0; i < images.length; i++) {
    images[i] = Math.min(1, Math.max(0, images[i]));
  }
}

function assertFinite(losses: Float64Array, iteration: number): void {
  const bad = losses.findIndex((loss) => !Number.isFinite(loss));
  if (bad >= 0) {
    throw new CallError(
      'metamers',
      `expected a finite loss, found ${losses[bad]} after ${iteration} iterations; lower the learning rate or change the loss`,
    );
  }
}

function assertRequest(
  engine: Engine,
  references: Float32Array,
  starts: Float32Array,
  settings: { iterations: number; learningRate: number; totalVariation: number },
): void {
  const pixels = sizeOf(shapeAt(engine.network, 'input'));
  if (references.length === 0 || references.length % pixels !== 0 || starts.length !== references.length) {
    throw new CallError(
      'metamers',
      `expected as many starting images as references, of ${pixels} pixels each, found ${starts.length} and ${references.length} pixels`,
    );
  }
  const bad = [...starts, ...references].find((pixel) => !Number.isFinite(pixel));
  if (bad !== undefined) {
    throw new CallError('metamers', `expected finite pixels, found ${bad}`);
  }
  const { iterations, learningRate, totalVariation } = settings;
  if (!Number.isInteger(iterations) || iterations < 0 || iterations > 1_000_000) {
    throw new CallError(
      'iterations',
      `expected a whole number of iterations from 0 to 1000000, found ${iterations}`,
    );
  }
  if (!(learningRate > 0 && learningRate <= 10)) {
    throw new CallError(
      'learningRate',
      `expected a learning rate above 0 and up to 10, found ${learningRate}`,
    );
  }
  if (!(totalVariation >= 0 && Number.isFinite(totalVariation))) {
    throw new CallError(
      'totalVariation',
      `expected a weight of the total variation of 0 or more, found ${totalVariation}`,
    );
  }
}
