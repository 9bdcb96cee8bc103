import type { ChunkResult } from '../ml/training/run.ts';

/** Losses and accuracies of steps that somebody has not heard of yet. */
export class MeasuredSteps {
  #chunks: ChunkResult[] = [];

  add(chunk: ChunkResult): void {
    this.#chunks.push(chunk);
  }

  get empty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Everything gathered, joined; nothing is left. */
  take(): ChunkResult {
    const length = this.#chunks.reduce((sum, { losses }) => sum + losses.length, 0);
    const losses = new Float32Array(length);
    const accuracies = new Float32Array(length);
    let place = 0;
    for (const chunk of this.#chunks) {
      losses.set(chunk.losses, place);
      accuracies.set(chunk.accuracies, place);
      place += chunk.losses.length;
    }
    const firstStep = this.#chunks[0]?.firstStep ?? 0;
    this.#chunks = [];
    return { firstStep, losses, accuracies };
  }

  clear(): void {
    this.#chunks = [];
  }
}

/**
 * Steps for the page's next frame. At most one frame is in flight: while the page draws, results gather here, and
 * training never waits.
 */
export class FrameQueue extends MeasuredSteps {
  #inFlight = false;

  /** Whether results are waiting and the page is ready for a frame. */
  get due(): boolean {
    return !this.#inFlight && !this.empty;
  }

  /** Everything gathered; the page is busy until `drawn`. */
  override take(): ChunkResult {
    this.#inFlight = true;
    return super.take();
  }

  drawn(): void {
    this.#inFlight = false;
  }
}
