import { bytesOf, type Parameters } from '../model/parameters.ts';

/** The network's parameters at one step of the run. */
export interface Snapshot {
  /** Updates made before it. */
  step: number;
  /** Whole epochs done. */
  epoch: number;
  epochEnd: boolean;
  parameters: Parameters;
}

const SNAPSHOTS_PER_EPOCH = 10;
const EARLY_RATIO = 1.3;

/**
 * The first step after `step` at which a snapshot is due: 1, 2, 3, 4, 6, 8 ... in growing strides while the filters
 * change most, then ten times an epoch.
 */
export function nextSnapshotStep(step: number, stepsPerEpoch: number): number {
  const even = Math.max(1, Math.round(stepsPerEpoch / SNAPSHOTS_PER_EPOCH));
  const early = Math.max(step + 1, Math.round(step * EARLY_RATIO));
  if (early - step < even) return early;
  return (Math.floor(step / even) + 1) * even;
}

/**
 * A run's snapshots in the order of their steps, within a budget of bytes. When the budget is spent, the one
 * whose neighbors are closest goes first; the first, the newest and the protected ones (the best epoch) stay.
 */
export class SnapshotStore {
  /** Maximum number of bytes of parameters. */
  readonly budget: number;
  readonly #snapshots: Snapshot[] = [];
  readonly #protected = new Set<number>();
  #thinned = 0;

  constructor({ budget = 256 * 2 ** 20 }: { budget?: number } = {}) {
    this.budget = budget;
  }

  /** Number of snapshots dropped to stay within the budget. */
  get thinned(): number {
    return this.#thinned;
  }

  get bytes(): number {
    return this.#snapshots.reduce((sum, snapshot) => sum + bytesOf(snapshot.parameters), 0);
  }

  /** In the order of their steps. */
  list(): readonly Snapshot[] {
    return this.#snapshots;
  }

  /** Adds a snapshot, replaces any snapshot of the same step, and thins to the budget. */
  add(snapshot: Snapshot): void {
    const place = this.#snapshots.findIndex(({ step }) => step >= snapshot.step);
    if (place < 0) this.#snapshots.push(snapshot);
    else this.#snapshots.splice(place, this.#snapshots[place].step === snapshot.step ? 1 : 0, snapshot);
    let bytes = this.bytes;
    while (bytes > this.budget) {
      const victim = this.#mostCrowded();
      if (victim < 0) return;
      bytes -= bytesOf(this.#snapshots[victim].parameters);
      this.#snapshots.splice(victim, 1);
      this.#thinned++;
    }
  }

  /** Protects the snapshots of these steps from thinning, instead of those protected before. */
  protect(steps: Iterable<number>): void {
    this.#protected.clear();
    for (const step of steps) this.#protected.add(step);
  }

  at(step: number): Snapshot | undefined {
    return this.#snapshots.find((snapshot) => snapshot.step === step);
  }

  /** The snapshot whose step is nearest. */
  nearest(step: number): Snapshot | undefined {
    return nearestTo(step, this.#snapshots);
  }

  /** Drops all snapshots after a step, for a run that continues from there. */
  dropAfter(step: number): void {
    const end = this.#snapshots.findIndex((snapshot) => snapshot.step > step);
    if (end >= 0) this.#snapshots.length = end;
  }

  /** Forgets everything, for a new run. */
  clear(): void {
    this.#snapshots.length = 0;
    this.#protected.clear();
    this.#thinned = 0;
  }

  /** Crowding is the gap that removal would leave, relative to the step: early snapshots are log-spaced on purpose. */
  #mostCrowded(): number {
    let victim = -1;
    let smallest = Number.POSITIVE_INFINITY;
    for (let i = 1; i < this.#snapshots.length - 1; i++) {
      if (this.#protected.has(this.#snapshots[i].step)) continue;
      const gap = this.#snapshots[i + 1].step - this.#snapshots[i - 1].step;
      const crowding = gap / Math.sqrt(this.#snapshots[i].step + 1);
      if (crowding < smallest) {
        smallest = crowding;
        victim = i;
      }
    }
    return victim;
  }
}

/** The item nearest to a step; the earlier in a tie. */
export function nearestTo<Standing extends { step: number }>(
  step: number,
  all: readonly Standing[],
): Standing | undefined {
  return all.reduce<Standing | undefined>(
    (nearest, each) =>
      nearest && Math.abs(nearest.step - step) <= Math.abs(each.step - step) ? nearest : each,
    undefined,
  );
}
