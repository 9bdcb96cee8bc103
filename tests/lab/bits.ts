import { createHash } from 'node:crypto';
import type { Tab } from './browserProfile.ts';

/** A run as bits, for exact comparison. */
export interface Bits {
  losses: number[];
  /** SHA-256 by parameter. */
  sha256: Record<string, string>;
}

export async function bitsOf({ api }: Tab): Promise<Bits> {
  const { losses } = api.state.history;
  const parameters = await api.parameters();
  const sha256 = Object.entries(parameters).map(([name, values]) => [
    name,
    createHash('sha256')
      .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
      .digest('hex'),
  ]);
  return { losses: [...losses], sha256: Object.fromEntries(sha256) };
}

/**
 * Resolves when the state satisfies the condition. Checks every change, so no moment is missed and no timer is
 * needed.
 */
export function until(
  { lab }: Tab,
  isSo: (state: ReturnType<typeof lab.store.getState>) => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    if (isSo(lab.store.getState())) return resolve();
    const stop = lab.store.subscribe((state) => {
      if (!isSo(state)) return;
      stop();
      resolve();
    });
  });
}

export const untilStep = (tab: Tab, least: number) => until(tab, ({ step }) => step >= least);
