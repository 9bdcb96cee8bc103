import type { TrainOutcome, TrainRequest } from '../ml/training/run.ts';
import type { Pace } from './pace.ts';
import type { Emit, TrainerEngine } from './trainerEngine.ts';
import type { TrainerReports } from './trainerReports.ts';

/** The trainer's loop: one `train` call at a time, in chunks sized by the pace. */
export class TrainerLoop {
  readonly #engine: TrainerEngine;
  readonly #reports: TrainerReports;
  readonly #pace: Pace;
  readonly #emit: Emit;
  #training = false;

  constructor(engine: TrainerEngine, reports: TrainerReports, pace: Pace, emit: Emit) {
    this.#engine = engine;
    this.#reports = reports;
    this.#pace = pace;
    this.#emit = emit;
  }

  get training(): boolean {
    return this.#training;
  }

  /** Ends the current `train` after its present chunk, and resolves when the engine is idle. */
  async end(): Promise<void> {
    this.#pace.stop();
    while (this.#training) await new Promise((resolve) => setTimeout(resolve, 2));
    await this.#engine.rest();
  }

  /** Trains as the only current call. Before settling, it sends the last frame and sets the status to idle. */
  async train(request: TrainRequest, { paused = false } = {}): Promise<TrainOutcome> {
    this.#training = true;
    this.#pace.begin();
    if (paused) this.#pace.pause();
    try {
      return await this.#trainPaced(request);
    } finally {
      this.#pace.end();
      await this.#reports.sendFrame();
      await this.#reports.keepPlace();
      this.#training = false;
      this.#emit({ kind: 'status', status: 'idle' });
    }
  }

  async #trainPaced(request: TrainRequest): Promise<TrainOutcome> {
    const engine = this.#engine;
    const { run } = engine;
    const reports = this.#reports;
    const pace = this.#pace;
    let chunkStarted = 0;
    let release: () => void = () => undefined;
    try {
      return await run.train(request, {
        next: async () => {
          // Send the checkpoint here rather than right after a chunk, when the end of an epoch may still be pending.
          if (reports.checkpointDue) await reports.sendCheckpoint();
          release();
          await engine.followTuning();
          const allowed = await pace.next();
          if (allowed === 0) return 0;
          release = await engine.hold();
          chunkStarted = performance.now();
          return Math.min(allowed, Math.max(1, reports.snapshotDue - run.position.step));
        },
        async onChunk(chunk) {
          const milliseconds = performance.now() - chunkStarted;
          pace.made(chunk.losses.length, milliseconds);
          // Slow motion and short chunks between rests do not tell which number of workers is fastest.
          if (pace.isFull) engine.made(chunk.losses.length, milliseconds);
          await reports.add(chunk);
        },
        onEpoch: async (result) => {
          this.#emit({ kind: 'epoch', result });
          await reports.sendSnapshot(true);
        },
      });
    } finally {
      release();
    }
  }
}
