import type { StoreApi } from 'zustand/vanilla';
import type { Workers } from '../../workers/client.ts';
import type { NetworkMoment } from '../../workers/protocol.ts';
import { createLatest } from '../ask/latest.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import type { MetamerQuestion, PanelJob } from './metamerQuestion.ts';
import { foundIn, grown, type MetamerRow, type MetamersState, newRow } from './metamerRows.ts';
import type { MetamersFinding } from './metamersFinding.ts';
import { lossOf } from './recipe.ts';

/** Makes the metamers of the panel's rows. */
export interface Making {
  run(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  cancel(): void;
}

interface Parts {
  labStore: StoreApi<LabState>;
  store: StoreApi<MetamersState>;
  longJobs: Workers['longJobs'];
  question: MetamerQuestion;
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
  /** Receives metamers of the page's run. */
  note(finding: MetamersFinding): void;
}

export function createMaking({ labStore, store, longJobs, question, momentAt, note }: Parts): Making {
  const { getState, setState } = store;
  const request = createLatest({
    failed: (error) => setState({ problem: sentenceOf(error) }),
    ended: finish,
  });
  /** The run whose metamers are being made. */
  let making: { run: number } | undefined;
  let runs = 0;
  const group = () => `panel ${runs}`;
  const hold = (held: boolean) => longJobs.call('hold', { group: group(), held });

  /** Saves the finished rows with the run, after all rows have ended or were canceled. */
  function finish(): void {
    const found = findingIn(getState());
    const rows = getState().rows.map(ended);
    setState({ running: false, paused: false, rows });
    if (found && making?.run === labStore.getState().run) note(found);
    making = undefined;
  }

  async function run(): Promise<void> {
    const { reference, controls } = getState();
    const { layers, ...recipe } = controls;
    if (!reference) {
      setState({ problem: 'Expected a reference first. Drag any image here.' });
      return;
    }
    const { run, moment: at } = labStore.getState();
    making = undefined;
    runs++;
    setState({ running: true, paused: false, problem: undefined, lossProblem: undefined });
    await request.run(async (signal) => {
      const { step, ...moment } = await momentAt(at);
      signal.throwIfAborted();
      making = { run };
      setState({ made: { reference, step, moment, recipe }, rows: layers.map(newRow) });
      const rows = layers.map((layer) => ({ layer, reference: reference.pixels, recipe }));
      const shared = { moment, group: group() };
      await Promise.all(rows.map((row) => makeRow({ store, question }, { ...row, ...shared }, signal)));
    });
  }

  return {
    run,
    async pause() {
      if (!getState().running) return;
      setState({ paused: true });
      await hold(true);
    },
    async resume() {
      setState({ paused: false });
      await hold(false);
    },
    cancel() {
      request.cancel();
      void hold(false).catch(() => undefined);
    },
  };
}

function ended(row: MetamerRow): MetamerRow {
  return row.status === 'running' ? { ...row, status: 'canceled' } : row;
}

/** The finished metamers, to be saved with the run. */
function findingIn({ made, rows }: MetamersState): MetamersFinding | undefined {
  const found = rows.flatMap(foundIn);
  if (!made || found.length === 0) return undefined;
  const { step, reference, recipe } = made;
  return { kind: 'metamers', step, reference, recipe, rows: found };
}

/** Makes one row's metamer and shows its progress. */
async function makeRow(
  { store: { setState }, question }: Pick<Parts, 'store' | 'question'>,
  job: PanelJob & { moment: NetworkMoment; group: string },
  signal: AbortSignal,
): Promise<void> {
  const { moment, group, ...asked } = job;
  const { layer, reference, recipe } = asked;
  const change = (changes: (row: MetamerRow) => Partial<MetamerRow>) =>
    setState(({ rows }) => ({
      rows: rows.map((row) => (row.layer === layer ? { ...row, ...changes(row) } : row)),
    }));
  try {
    const answer = await question.makeWith(moment, asked, {
      group,
      signal,
      onProgress: (progress) => {
        if (!signal.aborted) change((row) => grown(row, progress, reference.length));
      },
    });
    if (!signal.aborted) change(() => ({ status: 'done', answer }));
  } catch (error) {
    if (signal.aborted) return;
    const problem = sentenceOf(error);
    change(() => ({ status: 'failed', problem }));
    if (typeof lossOf(recipe.loss) !== 'string') setState({ lossProblem: problem });
  }
}
