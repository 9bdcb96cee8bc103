import type { EngineTimings } from '../../workers/protocol.ts';

/** The subset of `localStorage` that the lab uses. */
export interface TextStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const KEY = 'untangle.timings.1';

/** Engine timings of an earlier visit; unreadable data count as none. */
export function loadTimings(storage: TextStorage | undefined): EngineTimings {
  try {
    const found: unknown = JSON.parse(storage?.getItem(KEY) ?? '{}');
    if (typeof found !== 'object' || found === null) return {};
    const timings: EngineTimings = {};
    for (const [id, milliseconds] of Object.entries(found)) {
      if ((id === 'webgpu' || id === 'wasm') && typeof milliseconds === 'number' && milliseconds > 0) {
        timings[id] = milliseconds;
      }
    }
    return timings;
  } catch {
    return {};
  }
}

/** Stores timings. If the storage is full or blocked, the next visit measures again. */
export function saveTimings(storage: TextStorage | undefined, timings: EngineTimings): void {
  try {
    storage?.setItem(KEY, JSON.stringify(timings));
  } catch {
    // The next visit will measure again.
  }
}
