import type { NetworkState } from '../ml/model/parameters.ts';

/** One checkpoint is on the page, one is being written, and one is the next. */
const MOST = 2;

/** The arrays of checkpoints that the page has given back, for the next checkpoints. */
export class SpareStates {
  readonly #states: NetworkState[] = [];

  take(): NetworkState | undefined {
    return this.#states.pop();
  }

  giveBack(state: NetworkState): void {
    if (this.#states.length < MOST) this.#states.push(state);
  }
}
