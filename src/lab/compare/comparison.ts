import { createStore, type StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import { nearestTo } from '../../ml/training/snapshots.ts';
import type { KeptMoment } from '../../workers/runStorage.ts';
import { createLatest } from '../ask/latest.ts';
import type { Finding } from '../keep/findings.ts';
import type { Keeper } from '../keep/keeper.ts';
import { type History, historyOf } from '../state/history.ts';
import type { LabMoment } from '../state/state.ts';

/** A saved run shown beside the present run. */
export interface Compared {
  id: string;
  name: string;
  network: NetworkDescription;
  /** The step of its checkpoint. */
  step: number;
  history: History;
  /** Filters of its snapshots, in order of step. */
  moments: readonly KeptMoment[];
  findings: readonly Finding[];
}

/** The saved run shown beside the present run, if any. */
export interface Comparison {
  store: StoreApi<{ compared?: Compared }>;
  /** Chooses a run to compare; undefined ends the comparison. @throws if there is no such run. */
  choose(id: string | undefined): Promise<void>;
  /** The compared run's network at its snapshot nearest to a step. */
  networkNear(step: number): Promise<LabMoment>;
  /** Saves findings with the compared run. */
  add(findings: readonly Finding[]): Promise<void>;
}

export function createComparison(
  keep: Pick<Keeper, 'store' | 'overview' | 'parametersAt' | 'saveFindings'>,
): Comparison {
  const store = createStore<{ compared?: Compared }>(() => ({}));
  const { getState, setState } = store;
  const choice = createLatest();

  keep.store.subscribe(({ runs, present }, before) => {
    const { compared } = getState();
    if (!compared) return;
    const { id } = compared;
    const run = runs.find((each) => each.id === id);
    // End the comparison if the run is now the present run, or was deleted.
    if (id === present || (runs !== before.runs && !run)) setState({ compared: undefined });
    else if (run && run.name !== compared.name) setState({ compared: { ...compared, name: run.name } });
  });

  return {
    store,
    async choose(id) {
      choice.cancel();
      if (id === undefined) {
        setState({ compared: undefined });
        return;
      }
      await choice.run(async (signal) => {
        const { run, moments, results, ...curves } = await keep.overview(id);
        const { name, network, step, epochs } = run;
        // Load this module only when it is needed.
        const { readKeptResults } = await import('../keep/readFindings.ts');
        const findings = await readKeptResults(results, { network, step });
        signal.throwIfAborted();
        const history = historyOf({ ...curves, epochs });
        setState({ compared: { id, name, network, step, history, moments, findings } });
      });
    },
    async networkNear(step) {
      const { compared } = getState();
      const moment = compared && nearestTo(step, compared.moments);
      if (!moment) {
        throw new CallError(
          'compare',
          'expected a compared run with snapshots, found none. Choose one in Runs.',
        );
      }
      const { id, network } = compared;
      const parameters = await keep.parametersAt(id, moment.step);
      return { key: `kept ${id}:${moment.step}`, network, parameters, step: moment.step };
    },
    async add(findings) {
      const { compared } = getState();
      if (!compared) return;
      setState({ compared: { ...compared, findings: [...compared.findings, ...findings] } });
      await keep.saveFindings(compared.id, findings);
    },
  };
}
