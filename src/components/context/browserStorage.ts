import type { TextStorage } from '../../lab/state/timings.ts';

/** The storage; undefined where cookies are blocked, because reading the property throws there. */
export function browserStorage(kind: 'localStorage' | 'sessionStorage'): TextStorage | undefined {
  try {
    return window[kind];
  } catch {
    return undefined;
  }
}
