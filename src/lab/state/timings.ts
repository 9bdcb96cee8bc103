import { notebookNetwork, sameNetwork } from '../../ml/model/network.ts';
import { ADAM } from '../../ml/model/optimizer.ts';
import type { EngineTimings, NetworkTimings } from '../../workers/protocol.ts';

/** The subset of `localStorage` that the lab uses. */
export interface TextStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const KEY = 'untangle.timings.1';

/** The notebook's network under Adam: the timings that are stored. */
export const NO_TIMINGS: NetworkTimings = {
  network: notebookNetwork(),
  optimizer: ADAM,
  milliseconds: {},
};

/** Engine timings of an earlier visit; unreadable data count as none. */
export function loadTimings(storage: TextStorage | undefined): NetworkTimings {
  try {
    const found: unknown = JSON.parse(storage?.getItem(KEY) ?? '{}');
    if (typeof found !== 'object' || found === null) return NO_TIMINGS;
    const milliseconds: EngineTimings = {};
    for (const [id, value] of Object.entries(found)) {
      if ((id === 'webgpu' || id === 'wasm') && typeof value === 'number' && value > 0) {
        milliseconds[id] = value;
      }
    }
    return { ...NO_TIMINGS, milliseconds };
  } catch {
    return NO_TIMINGS;
  }
}

/**
 * Stores timings of the notebook's network; others are measured again in the next visit. If the storage is full or blocked,
 * the next visit measures again as well.
 */
export function saveTimings(
  storage: TextStorage | undefined,
  { network, optimizer, milliseconds }: NetworkTimings,
): void {
  if (optimizer.kind !== 'adam' || !sameNetwork(network, NO_TIMINGS.network)) return;
  try {
    storage?.setItem(KEY, JSON.stringify(milliseconds));
  } catch {
    // The next visit will measure again.
  }
}
