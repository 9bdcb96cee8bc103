import type { History } from '../../lab/state/history.ts';
import { shareOf } from '../painter/scale.ts';
import { stepAxis } from './timelineScale.ts';

/** Mean log loss in equal parts of the timeline. Each step is read once while the run grows. */
export class LossProfile {
  #losses?: Float32Array;
  #end = 0;
  #length = 0;
  #sums = new Float32Array();
  #counts = new Uint32Array();
  #means = new Float32Array();

  /** The means of `columns` parts up to step `end`; NaN for parts without a step. The next call overwrites the result. */
  read({ losses, length }: Pick<History, 'losses' | 'length'>, end: number, columns: number): Float32Array {
    const isSame = losses === this.#losses && end === this.#end && columns === this.#means.length;
    if (!isSame || length < this.#length) this.#begin(losses, end, columns);
    const axis = stepAxis(end);
    for (let step = this.#length; step < length; step++) {
      const column = Math.min(columns - 1, Math.floor(shareOf(axis, step) * columns));
      this.#sums[column] += Math.log(losses[step]);
      this.#counts[column]++;
      this.#means[column] = this.#sums[column] / this.#counts[column];
    }
    this.#length = length;
    return this.#means;
  }

  #begin(losses: Float32Array, end: number, columns: number): void {
    this.#losses = losses;
    this.#end = end;
    this.#length = 0;
    this.#sums = new Float32Array(columns);
    this.#counts = new Uint32Array(columns);
    this.#means = new Float32Array(columns).fill(Number.NaN);
  }
}
