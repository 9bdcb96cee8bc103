import { firstState } from '../../../src/lab/state/firstState.ts';
import { defaultSettings } from '../../../src/lab/state/settings.ts';
import type { LabState } from '../../../src/lab/state/state.ts';

/** The state of a ready lab, with changes. */
export function labState(changes: Partial<LabState> = {}): LabState {
  return { ...firstState(defaultSettings()), status: 'idle', run: 1, ...changes };
}
