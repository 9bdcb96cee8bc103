import { CallError } from '../callError.ts';
import type { Engine } from '../engines/engine.ts';
import { shapeAt, sizeOf } from '../model/network.ts';
import { type MetamerLoss, metamerLoss } from './loss.ts';
import { PixelAdam } from './pixelAdam.ts';

export interface MetamerSettings {
  /** The layer whose activations are matched; may be `input`. */
  layer: string;
  /** Number of updates. Default 100. */
  iterations?: number;
  /** Learning rate of Adam on the pixels, above 0 and up to 10. Default 0.01. */
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

/** All metamers of a run after `iteration` updates. */
export interface MetamerIterate {
  iteration: number;
  /** [n, pixels]; a copy. */
  images: Float32Array;
  /** Losses of these images, one per metamer. */
  losses: Float64Array;
  /** [n, units] at the layer, if requested. */
  activations?: Float32Array;
}

export interface MetamerResult {
  count: number;
  /** losses[i][k] is metamer i's loss before update k + 1. */
  losses: Float64Array[];
  /** The iterate after the last update: images [n, pixels] and losses. */
  last: MetamerIterate;
  /** Each metamer's iterate with the lowest loss. */
  best: { images: Float32Array; losses: Float64Array; iterations: Int32Array };
  /** Images at the requested iterations. */
  kept: { iteration: number; images: Float32Array }[];
}

/**
 * Generates metamers of several references in parallel: yields the starting images, then the images after each update. The
 * engine's parameters are only read. The caller may pause between steps or stop.
 * @param references [n, pixels]
 * @param starts [n, pixels]
 * @throws if settings are out of range or a loss becomes NaN.
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
 * Generates metamers to the end, or throws the reason of `signal` when aborted.
 * @param options `keep` lists iterations whose images are returned; `onIterate` receives every iterate and may return a
 * promise.
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

/** Collects a run's result from its iterates, even if the run was stopped early. */
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
