import type { ChunkResult } from '../ml/training/run.ts';

/** Losses and accuracies of steps that have not been reported yet. */
export class MeasuredSteps {
  #chunks: ChunkResult[] = [];

  add(chunk: ChunkResult): void {
    this.#chunks.push(chunk);
  }

  get empty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Returns everything gathered, joined, and clears it. */
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
 * Gathers steps for the page's next frame. At most one frame is in flight: results gather here while the page draws,
 * so training never waits.
 */
export class FrameQueue extends MeasuredSteps {
  #inFlight = false;

  /** Whether results are waiting and the page is ready for a frame. */
  get due(): boolean {
    return !this.#inFlight && !this.empty;
  }

  /** Returns everything gathered; the page counts as busy until `drawn`. */
  override take(): ChunkResult {
    this.#inFlight = true;
    return super.take();
  }

  drawn(): void {
    this.#inFlight = false;
  }
}
