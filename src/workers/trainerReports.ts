import { convolutionOf } from '../ml/model/network.ts';
import { buffersOf, buffersOfState, type NetworkState } from '../ml/model/parameters.ts';
import type { ChunkResult } from '../ml/training/run.ts';
import { nextSnapshotStep } from '../ml/training/snapshots.ts';
import { FrameQueue, MeasuredSteps } from './frames.ts';
import type { Pace } from './pace.ts';
import type { Checkpoint } from './protocol.ts';
import { SpareStates } from './spareStates.ts';
import type { Emit, TrainerEngine } from './trainerEngine.ts';

/** What the reports need of the trainer's engine. */
type ReportedEngine = Pick<TrainerEngine, 'run' | 'exclusively'>;

/** The trainer's reports to the page: frames at the rate of drawing, checkpoints and snapshots. */
export class TrainerReports {
  readonly #engine: ReportedEngine;
  readonly #pace: Pace;
  readonly #emit: Emit;
  readonly #frames = new FrameQueue();
  /** The measurements since the last checkpoint. */
  readonly #unsaved = new MeasuredSteps();
  #lastCheckpoint = { step: 0, time: 0 };
  readonly #spare = new SpareStates();
  /** The step of the newest snapshot. */
  #lastSnapshot = 0;

  constructor(engine: ReportedEngine, pace: Pace, emit: Emit) {
    this.#engine = engine;
    this.#pace = pace;
    this.#emit = emit;
  }

  /**
   * Announces a run before its first step, or a run that continues after its newest snapshot. Call while the engine is
   * locked.
   */
  async start(newestSnapshot?: number): Promise<void> {
    this.#frames.clear();
    this.#frames.drawn();
    this.#unsaved.clear();
    if (newestSnapshot === undefined) await this.sendSnapshot(false);
    else this.#lastSnapshot = newestSnapshot;
    await this.sendCheckpoint();
    await this.sendFrame({ evenEmpty: true, holding: true });
    this.sendLog();
    this.#emit({ kind: 'status', status: 'idle' });
  }

  /** Adds a chunk's results. Call while the engine is locked. */
  async add(chunk: ChunkResult): Promise<void> {
    this.#frames.add(chunk);
    this.#unsaved.add(chunk);
    if (this.#frames.due) await this.sendFrame({ holding: true });
    if (this.#engine.run.position.step >= this.snapshotDue) await this.sendSnapshot(false);
  }

  /** The page has drawn the last frame. */
  async drawn(): Promise<void> {
    this.#frames.drawn();
    if (this.#frames.due) await this.sendFrame();
  }

  async sendFrame({ evenEmpty = false, holding = false } = {}): Promise<void> {
    const isNeeded = () => evenEmpty || !this.#frames.empty;
    if (!isNeeded()) return;
    const { engine, position } = this.#engine.run;
    const conv = convolutionOf(engine.network);
    const names = conv ? [`${conv.name}.weight`, `${conv.name}.bias`] : [];
    const read = () => engine.parameters(names);
    const parameters = await (holding ? read() : this.#engine.exclusively(read));
    // Take the measurements only now: while this frame waited for the engine, a later one may have been sent.
    if (!isNeeded()) return;
    const { firstStep, losses, accuracies } = this.#frames.take();
    const weight = parameters[names[0]] ?? new Float32Array(0);
    const bias = parameters[names[1]] ?? new Float32Array(0);
    this.#emit({
      kind: 'frame',
      step: position.step,
      epoch: position.epoch,
      firstStep: losses.length > 0 ? firstStep : position.step,
      losses,
      accuracies,
      filters: { weight, bias },
      stepsPerSecond: this.#pace.stepsPerSecond,
    });
  }

  sendLog(): void {
    this.#emit({ kind: 'log', log: [...this.#engine.run.log] });
  }

  /** The step of the next snapshot. Strides grow with each snapshot, independent of chunk boundaries. */
  get snapshotDue(): number {
    return nextSnapshotStep(this.#lastSnapshot, this.#engine.run.stepsPerEpoch);
  }

  async sendSnapshot(epochEnd: boolean): Promise<void> {
    const { engine, position } = this.#engine.run;
    this.#lastSnapshot = position.step;
    const parameters = await engine.parameters();
    this.#emit(
      { kind: 'snapshot', snapshot: { step: position.step, epoch: position.epoch, epochEnd, parameters } },
      buffersOf(parameters),
    );
  }

  /** Due after the first steps, then at least every 3 seconds, and every 200 steps if these take a second or more. */
  get checkpointDue(): boolean {
    const steps = this.#engine.run.position.step - this.#lastCheckpoint.step;
    if (this.#lastCheckpoint.step === 0 && steps > 0) return true;
    const milliseconds = performance.now() - this.#lastCheckpoint.time;
    return steps > 0 && (milliseconds > 3000 || (steps >= 200 && milliseconds > 1000));
  }

  /** Copies the run's present state, to the arrays of an earlier checkpoint where they fit. */
  async takeCheckpoint(earlier?: NetworkState): Promise<Checkpoint> {
    const { engine, position, log, settings } = this.#engine.run;
    const state = await engine.state(earlier);
    return { position: structuredClone(position), state, log: [...log], settings };
  }

  /** Takes back the arrays of a checkpoint that the page needs no longer. */
  giveBack(state: NetworkState): void {
    this.#spare.giveBack(state);
  }

  /** Sends a checkpoint when the run stops. A permanently lost engine is reported by the training call instead. */
  async keepPlace(): Promise<void> {
    await this.#engine.exclusively(() => this.sendCheckpoint()).catch(() => undefined);
  }

  /** Sends a checkpoint between chunks. Call while the engine is locked. */
  async sendCheckpoint(): Promise<void> {
    const checkpoint = await this.takeCheckpoint(this.#spare.take());
    const { step } = checkpoint.position;
    this.#lastCheckpoint = { step, time: performance.now() };
    const measured = this.#unsaved.empty
      ? { firstStep: step, losses: new Float32Array(0), accuracies: new Float32Array(0) }
      : this.#unsaved.take();
    const buffers = buffersOfState(checkpoint.state);
    this.#emit({ kind: 'checkpoint', checkpoint, ...measured }, [...new Set(buffers)]);
  }
}
