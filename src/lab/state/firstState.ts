import { isShippedId } from '../../ml/data/shipped.ts';
import { emptyHistory } from './history.ts';
import { defaultSettings, networkOf, type Settings } from './settings.ts';
import type { LabState } from './state.ts';
import { NO_TIMINGS } from './timings.ts';

/** The state of a lab before its data and engine are ready. */
export function firstState(settings: Settings): LabState {
  return {
    status: 'starting',
    run: 0,
    dataProgress: { status: 'idle', loadedBytes: 0, totalBytes: 0 },
    settings,
    // The network for a person's own images is known once they are loaded.
    network: networkOf(isShippedId(settings.data) ? settings : defaultSettings()),
    hidden: [],
    recorded: false,
    engines: [],
    timings: NO_TIMINGS,
    workers: 'auto',
    step: 0,
    epoch: 0,
    stepsPerEpoch: 937,
    history: emptyHistory(),
    log: [],
    snapshots: [],
    moment: 'live',
    problems: [],
  };
}
