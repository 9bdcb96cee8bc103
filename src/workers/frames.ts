import type { ChunkResult } from '../ml/training/run.ts';

/**
 * Collects what training produces between two frames of the page. At most one frame is in flight: while the page
 * draws, results gather here, and training never waits.
 */
export class FrameQueue {
  #chunks: ChunkResult[] = [];
  #inFlight = false;

  add(chunk: ChunkResult): void {
    this.#chunks.push(chunk);
  }

  /** Something is waiting and the page is free. */
  get due(): boolean {
    return !this.#inFlight && this.#chunks.length > 0;
  }

  get empty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Everything gathered, joined; the page is busy until `drawn`. */
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
    this.#inFlight = true;
    return { firstStep, losses, accuracies };
  }

  drawn(): void {
    this.#inFlight = false;
  }

  clear(): void {
    this.#chunks = [];
  }
}
