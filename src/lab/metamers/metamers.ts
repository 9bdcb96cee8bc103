import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Inspection } from '../../ml/evaluation/inspect.ts';
import { type NetworkDescription, shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { Workers } from '../../workers/client.ts';
import type { NetworkMoment } from '../../workers/protocol.ts';
import { eachData } from '../ask/eachData.ts';
import { dataSetImage } from '../images/dataSetImage.ts';
import type { LabImage } from '../images/labImage.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import { followLayers } from './followedLayers.ts';
import { createMaking, type Making } from './making.ts';
import { createMetamerQuestion, type MetamerQuestion } from './metamerQuestion.ts';
import { type MetamersState, rowOf } from './metamerRows.ts';
import type { MetamersFinding } from './metamersFinding.ts';
import { FIRST_CONTROLS, lossOf, type MetamerControls } from './recipe.ts';

/** Metamers for scripts and for the panel. Panel actions store problems in the state. */
export interface Metamers extends MetamerQuestion, Making {
  store: StoreApi<MetamersState>;
  open(image: LabImage): void;
  report(problem: string): void;
  /** Sets an image as the start. */
  startFrom(image: LabImage): void;
  change(changes: Partial<MetamerControls>): void;
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
  followReference(labStore, store);
  followLayers(labStore, store);
  return {
    ...question,
    ...createMaking({ labStore, store, longJobs, question, momentAt, note }),
    store,
    open: (reference) => setState({ reference, problem: undefined }),
    report: (problem) => setState({ problem }),
    startFrom: ({ pixels }) =>
      setState(({ controls }) => ({ controls: { ...controls, start: { kind: 'image', image: pixels } } })),
    change: (changes) =>
      setState(({ controls }) => ({ controls: { ...controls, ...changes }, lossProblem: undefined })),
    checkLoss: (text) => problemOfLoss(text, labStore.getState().network, getState().controls.layers),
    async inspect(images) {
      const moment = getState().made?.moment;
      return moment && inspector.call('inspect', { moment, images });
    },
    async restore({ step: made, reference, recipe, rows }) {
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
    },
  };
}

/** Shows an image of the present data as the reference: at first the first training image, as in the notebook. */
function followReference(
  labStore: StoreApi<LabState>,
  { setState }: Pick<StoreApi<MetamersState>, 'setState'>,
): void {
  eachData(labStore, (data, isOther) => {
    const first = dataSetImage(data, 'train', 0);
    setState(({ reference, controls }) => {
      if (!isOther) return { reference: reference ?? first };
      const start = controls.start.kind === 'image' ? FIRST_CONTROLS.start : controls.start;
      return { reference: first, made: undefined, rows: [], controls: { ...controls, start } };
    });
  });
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
