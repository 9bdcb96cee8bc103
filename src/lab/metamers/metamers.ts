import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Inspection } from '../../ml/evaluation/inspect.ts';
import { type NetworkDescription, shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { Workers } from '../../workers/client.ts';
import type { NetworkMoment } from '../../workers/protocol.ts';
import { eachData } from '../ask/eachData.ts';
import { createLatest } from '../ask/latest.ts';
import { dataSetImage } from '../images/dataSetImage.ts';
import type { LabImage } from '../images/labImage.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import { followLayers } from './followedLayers.ts';
import { createMetamerQuestion, type MetamerQuestion, type PanelJob } from './metamerQuestion.ts';
import { foundIn, grown, type MetamerRow, type MetamersState, newRow, rowOf } from './metamerRows.ts';
import type { MetamersFinding } from './metamersFinding.ts';
import { FIRST_CONTROLS, lossOf, type MetamerControls } from './recipe.ts';

/** Metamers for scripts and for the panel. Panel actions store problems in the state. */
export interface Metamers extends MetamerQuestion {
  store: StoreApi<MetamersState>;
  open(image: LabImage): void;
  report(problem: string): void;
  /** Sets an image as the start. */
  startFrom(image: LabImage): void;
  change(changes: Partial<MetamerControls>): void;
  run(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  cancel(): void;
  /** Returns the problem of a loss with the chosen layers, if any. */
  checkLoss(text: string): Promise<string | undefined>;
  /** Activations of an image at every layer, in the network of the rows. */
  inspect(image: Float32Array): Promise<Inspection | undefined>;
  /** Shows the metamers saved with the run that has just begun, unless others are being made. */
  restore(finding: MetamersFinding): Promise<void>;
}

interface Parts {
  labStore: StoreApi<LabState>;
  workers: Pick<Workers, 'inspector' | 'longJobs'>;
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
  /** Receives metamers of the page's run. */
  note(finding: MetamersFinding): void;
}

export function createMetamers({ labStore, workers, momentAt, note }: Parts): Metamers {
  const { inspector, longJobs } = workers;
  const store = createStore<MetamersState>(() => ({
    controls: FIRST_CONTROLS,
    rows: [],
    running: false,
    paused: false,
  }));
  const { getState, setState } = store;
  const question = createMetamerQuestion({ longJobs, getState: labStore.getState, momentAt });
  const request = createLatest({
    failed: (error) => setState({ problem: sentenceOf(error) }),
    ended: finish,
  });
  /** The run whose metamers are being made. */
  let making: { run: number } | undefined;
  let runs = 0;
  const group = () => `panel ${runs}`;

  eachData(labStore, (data, isOther) => {
    // The notebook's reference.
    const first = dataSetImage(data, 'train', 0);
    setState(({ reference, controls }) =>
      isOther
        ? {
            reference: first,
            made: undefined,
            rows: [],
            controls:
              controls.start.kind === 'image' ? { ...controls, start: FIRST_CONTROLS.start } : controls,
          }
        : { reference: reference ?? first },
    );
  });

  followLayers(labStore, store);

  function changeRow(layer: string, change: (row: MetamerRow) => Partial<MetamerRow>): void {
    setState(({ rows }) => ({
      rows: rows.map((row) => (row.layer === layer ? { ...row, ...change(row) } : row)),
    }));
  }

  async function makeRow(moment: NetworkMoment, job: PanelJob, signal: AbortSignal): Promise<void> {
    const { layer, reference, recipe } = job;
    try {
      const answer = await question.makeWith(moment, job, {
        group: group(),
        signal,
        onProgress: (progress) => {
          if (!signal.aborted) changeRow(layer, (row) => grown(row, progress, reference.length));
        },
      });
      if (!signal.aborted) changeRow(layer, () => ({ status: 'done', answer }));
    } catch (error) {
      if (signal.aborted) return;
      const problem = sentenceOf(error);
      changeRow(layer, () => ({ status: 'failed', problem }));
      if (typeof lossOf(recipe.loss) !== 'string') setState({ lossProblem: problem });
    }
  }

  /** Saves the finished rows with the run, after all rows have ended or were canceled. */
  function finish(): void {
    const { made, rows } = getState();
    setState({
      running: false,
      paused: false,
      rows: rows.map((row) => (row.status === 'running' ? { ...row, status: 'canceled' } : row)),
    });
    const found = rows.flatMap(foundIn);
    if (made && found.length > 0 && making?.run === labStore.getState().run) {
      const { step, reference, recipe } = made;
      note({ kind: 'metamers', step, reference, recipe, rows: found });
    }
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
      await Promise.all(rows.map((row) => makeRow(moment, row, signal)));
    });
  }

  async function restore({ step: made, reference, recipe, rows }: MetamersFinding): Promise<void> {
    if (getState().running) return;
    const { run, snapshots, step: live } = labStore.getState();
    const at = snapshots.some(({ step }) => step === made) ? made : made === live ? 'live' : undefined;
    const found = at === undefined ? undefined : await momentAt(at);
    if (getState().running || labStore.getState().run !== run) return;
    setState({
      reference,
      made: { reference, step: made, moment: found && withoutStep(found), recipe },
      rows: rows.map(rowOf),
      problem: undefined,
    });
  }

  return {
    ...question,
    store,
    open: (reference) => setState({ reference, problem: undefined }),
    report: (problem) => setState({ problem }),
    startFrom: ({ pixels }) =>
      setState(({ controls }) => ({ controls: { ...controls, start: { kind: 'image', image: pixels } } })),
    change: (changes) =>
      setState(({ controls }) => ({ controls: { ...controls, ...changes }, lossProblem: undefined })),
    run,
    async pause() {
      if (!getState().running) return;
      setState({ paused: true });
      await longJobs.call('hold', { group: group(), held: true });
    },
    async resume() {
      setState({ paused: false });
      await longJobs.call('hold', { group: group(), held: false });
    },
    cancel() {
      request.cancel();
      void longJobs.call('hold', { group: group(), held: false }).catch(() => undefined);
    },
    checkLoss: (text) => problemOfLoss(text, labStore.getState().network, getState().controls.layers),
    async inspect(images) {
      const moment = getState().made?.moment;
      return moment && inspector.call('inspect', { moment, images });
    },
    restore,
  };
}

function withoutStep({ step: _, ...moment }: LabMoment): NetworkMoment {
  return moment;
}

/** The problem of a custom loss with a layer, if any. */
async function problemOfLoss(
  text: string,
  network: NetworkDescription,
  layers: readonly string[],
): Promise<string | undefined> {
  const loss = lossOf(text);
  if (typeof loss === 'string') return undefined;
  try {
    const { parseMetamerLoss } = await import('../../ml/metamers/loss.ts');
    const pixels = sizeOf(shapeAt(network, 'input'));
    for (const layer of layers) {
      parseMetamerLoss(loss.expression, { units: sizeOf(shapeAt(network, layer)), pixels });
    }
    return undefined;
  } catch (error) {
    return sentenceOf(error);
  }
}
