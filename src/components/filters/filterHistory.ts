import type { LabState } from '../../lab/state/state.ts';
import type { LabCore } from '../context/LabContext.tsx';
import type { Scale } from '../shared/colors.ts';
import type { MapFrame, MapSource } from '../shared/mapFrame.ts';
import { niceLimit } from '../shared/niceLimit.ts';

const mostFrames = 400;
/** The first limit is this many times the bound of the initial weights, 1 / sqrt(fanIn), to leave room to grow. */
const roomToGrow = 3;
/** Share of weights that may exceed the limit before the limit grows. */
const mayPass = 0.02;

type Filters = NonNullable<LabState['liveFilters']>;

/** One filter over the steps of the run. */
export interface FilterTrack {
  steps: number[];
  /** The values of each weight at the steps; weights in row-major order. */
  weights: Float32Array[];
  norms: Float32Array;
}

/**
 * The convolution's weights over the run: at most 400 of the frames received, thinned evenly over steps. It is also the
 * source of the filter grid, with limits that stay fixed until the filters outgrow them.
 */
export class FilterHistory implements MapSource {
  readonly #lab: Pick<LabCore, 'store' | 'actions'>;
  readonly #listeners = new Set<() => void>();
  #steps: number[] = [];
  #frames: Float32Array[] = [];
  #gap = 0;
  #limit = 1;

  constructor(lab: Pick<LabCore, 'store' | 'actions'>) {
    this.#lab = lab;
    this.#begin(lab.store.getState());
    lab.store.subscribe((now, before) => {
      const isReplaced = now.run !== before.run;
      if (isReplaced) this.#begin(now);
      else if (now.liveFilters !== before.liveFilters) this.#add(now.liveFilters);
      if (isReplaced || now.liveFilters !== before.liveFilters || now.moment !== before.moment) {
        for (const listener of this.#listeners) listener();
      }
    });
  }

  /** Begins with the snapshots, which an opened run has before its first frame. */
  #begin({ snapshots, liveFilters }: LabState): void {
    this.#steps = [];
    this.#frames = [];
    for (const { step } of snapshots) this.#add(this.#lab.actions.filtersAt(step));
    this.#add(liveFilters);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get scale(): Scale {
    return { low: -this.#limit, high: this.#limit };
  }

  /** The filters at the moment shown. */
  shown(): Filters | undefined {
    const { moment, liveFilters } = this.#lab.store.getState();
    return moment === 'live' ? liveFilters : this.#lab.actions.filtersAt(moment);
  }

  /** The newest filters. */
  now(): Filters | undefined {
    return this.#lab.store.getState().liveFilters;
  }

  /** The filters to compare with the newest: those of the moment shown, or of the run's start while live. */
  earlier(): { step: number; weight: Float32Array } | undefined {
    return this.#lab.store.getState().moment === 'live' ? this.start() : this.shown();
  }

  /** The first filters kept: the initial filters, unless the page opened after the start. */
  start(): { step: number; weight: Float32Array } | undefined {
    return this.#steps.length > 0 ? { step: this.#steps[0], weight: this.#frames[0] } : undefined;
  }

  /** Every filter's norm at no more than `most` of the kept steps, including the first and the newest. */
  norms(most: number): { steps: number[]; norms: Float32Array[] } {
    const last = this.#frames.length - 1;
    const places =
      last < most
        ? this.#frames.map((_, place) => place)
        : Array.from({ length: most }, (_, i) => Math.round((i / (most - 1)) * last));
    const size = last < 0 ? 0 : this.#frames[0].length / this.#filterCount;
    const norms = Array.from({ length: this.#filterCount }, (_, filter) =>
      Float32Array.from(places, (place) =>
        Math.hypot(...this.#frames[place].subarray(filter * size, (filter + 1) * size)),
      ),
    );
    return { steps: places.map((place) => this.#steps[place]), norms };
  }

  read(): MapFrame | undefined {
    const filters = this.shown();
    if (!filters) return undefined;
    const side = kernelSide(filters);
    return { values: filters.weight, rows: side, columns: side, colors: 'sign', scale: this.scale };
  }

  /** One filter over the kept steps from `since` onward. */
  track(filter: number, since = 0): FilterTrack {
    const start = Math.max(
      0,
      this.#steps.findLastIndex((step) => step <= since),
    );
    const frames = this.#frames.slice(start);
    const size = frames.length > 0 ? frames[0].length / this.#filterCount : 0;
    const weights = Array.from({ length: size }, () => new Float32Array(frames.length));
    const norms = new Float32Array(frames.length);
    frames.forEach((frame, place) => {
      let squares = 0;
      for (let i = 0; i < size; i++) {
        const weight = frame[filter * size + i];
        weights[i][place] = weight;
        squares += weight * weight;
      }
      norms[place] = Math.sqrt(squares);
    });
    return { steps: this.#steps.slice(start), weights, norms };
  }

  #filterCount = 1;

  #add(filters: Filters | undefined): void {
    if (!filters) return;
    const { step, weight, bias } = filters;
    const last = this.#steps.at(-1);
    const anotherRun =
      last === undefined ||
      step < last ||
      weight.length !== this.#frames[0].length ||
      bias.length !== this.#filterCount ||
      (step === 0 && weight.some((value, i) => value !== this.#frames[0][i]));
    if (anotherRun) this.#startOver(filters);
    this.#raiseLimit(weight);
    const newest = this.#steps.at(-1);
    if (newest === step) return;
    // The newest frame is always kept; the previous frame only if it is far enough from its neighbor.
    const previous = this.#steps.at(-2);
    if (newest !== undefined && previous !== undefined && newest - previous < this.#gap) {
      this.#steps.pop();
      this.#frames.pop();
    }
    this.#steps.push(step);
    this.#frames.push(weight.slice());
    if (this.#steps.length > mostFrames) this.#thin();
  }

  #startOver({ weight, bias }: Filters): void {
    this.#steps = [];
    this.#frames = [];
    this.#gap = 0;
    this.#filterCount = bias.length;
    this.#limit = niceLimit(roomToGrow / kernelSide({ weight, bias }));
  }

  #raiseLimit(weight: Float32Array): void {
    let passing = weight.length;
    while (passing > mayPass * weight.length) {
      passing = 0;
      for (const value of weight) if (Math.abs(value) > this.#limit) passing++;
      if (passing > mayPass * weight.length) this.#limit = niceLimit(this.#limit * 1.01);
    }
  }

  #thin(): void {
    const span = this.#steps[this.#steps.length - 1] - this.#steps[0];
    this.#gap = (2 * span) / mostFrames;
    const kept: number[] = [0];
    for (let i = 1; i < this.#steps.length - 1; i++) {
      if (this.#steps[i] - this.#steps[kept[kept.length - 1]] >= this.#gap) kept.push(i);
    }
    kept.push(this.#steps.length - 1);
    this.#steps = kept.map((i) => this.#steps[i]);
    this.#frames = kept.map((i) => this.#frames[i]);
  }
}

/** Side of the square kernel; the first layer has one input channel. */
export function kernelSide({ weight, bias }: Pick<Filters, 'weight' | 'bias'>): number {
  return Math.round(Math.sqrt(weight.length / bias.length));
}

const histories = new WeakMap<LabCore, FilterHistory>();

/** One per lab, so that the history outlives the panel. */
export function filterHistoryOf(lab: LabCore): FilterHistory {
  let history = histories.get(lab);
  if (!history) {
    history = new FilterHistory(lab);
    histories.set(lab, history);
  }
  return history;
}
