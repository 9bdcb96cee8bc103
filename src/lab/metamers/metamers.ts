import { createStore, type StoreApi } from 'zustand/vanilla';
import { pixelsOf } from '../../ml/data/dataset.ts';
import type { MetamerSettings } from '../../ml/metamers/generate.ts';
import type { Judgement } from '../../ml/metamers/judge.ts';
import type { MetamerLoss } from '../../ml/metamers/loss.ts';
import { type MetamerStart, startingImage } from '../../ml/metamers/start.ts';
import type { Inspection } from '../../ml/model/inspect.ts';
import { shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { Workers } from '../../workers/client.ts';
import type { MetamerAnswer, MetamerProgress, NetworkMoment } from '../../workers/protocol.ts';
import { checkLayer } from '../ask/selection.ts';
import { dataSetImage, type LabImage } from '../images/images.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import type { FoundMetamer, MetamerRecipe, MetamersFinding } from './metamersFinding.ts';

export interface MetamerOptions extends Omit<MetamerSettings, 'loss'> {
  /** `mse` (default), `normalized`, or an expression of a, b and x. */
  loss?: string;
  /** Where it starts; default the notebook's noise, N(0, 1) of seed 314. */
  init?: Float32Array;
  /** Iterations whose images come back. */
  keep?: readonly number[];
  at?: Moment | 'best';
  signal?: AbortSignal;
  onProgress?(progress: { iteration: number; loss: number }): void;
}

export interface MetamerFound {
  step: number;
  layer: string;
  /** losses[i] is the loss before update i + 1. */
  losses: Float64Array;
  /** After the last update, and its loss. */
  image: Float32Array;
  loss: number;
  best: { image: Float32Array; loss: number; iteration: number };
  kept: { iteration: number; image: Float32Array }[];
  /** The class that the network reads in it, and the probabilities of all. */
  prediction: number;
  probabilities: Float64Array;
  /** By layer: Spearman, Pearson and SNR (dB) with the reference, and what pairs of different images reach. */
  match: Record<string, Pick<Judgement['layers'][number], 'match' | 'threshold' | 'outside'>>;
  pixelCorrelation: number;
  similarity: number;
  isMetamer: boolean;
  /** Why it is none, in words. */
  failures: string[];
}

export interface JudgeOptions {
  layer: string;
  /** Pixels of one image each. */
  reference: Float32Array;
  metamer: Float32Array;
  at?: Moment | 'best';
  signal?: AbortSignal;
}

export interface MetamerControls {
  layers: readonly string[];
  start: MetamerStart;
  iterations: number;
  learningRate: number;
  /** `mse`, `normalized`, or an expression. */
  loss: string;
  totalVariation: number;
  clip: boolean;
  accumulate: boolean;
}

/** One layer's metamer, as it comes into being. */
export interface MetamerRow {
  layer: string;
  status: 'running' | 'done' | 'canceled' | 'failed';
  problem?: string;
  iteration: number;
  losses: readonly number[];
  frames: readonly { iteration: number; image: Float32Array }[];
  answer?: MetamerAnswer;
}

export interface MetamersState {
  controls: MetamerControls;
  reference?: LabImage;
  /** What the rows are about. */
  made?: {
    reference: LabImage;
    step: number;
    /** Unknown where a kept run's snapshots do not have it: what is kept is shown, and nothing more is asked. */
    moment?: NetworkMoment;
    recipe: MetamerRecipe;
  };
  rows: readonly MetamerRow[];
  running: boolean;
  /** Running, but waiting until a person goes on. */
  paused: boolean;
  problem?: string;
  /** What the last run found wrong with a person's own loss, such as NaN. */
  lossProblem?: string;
}

/** Metamers as scripts ask for them and as the panel makes them. Panel actions leave problems in the state. */
export interface Metamers {
  store: StoreApi<MetamersState>;
  generate(reference: Float32Array, options: MetamerOptions): Promise<MetamerFound>;
  /** What a network of the run makes of metamers, whatever network they were made with. */
  judge(options: JudgeOptions): Promise<Judgement & { step: number }>;
  /** What the panel makes, made by any network. */
  makeWith(
    moment: NetworkMoment,
    job: PanelJob,
    options: { signal: AbortSignal; onProgress(progress: { iteration: number }): void },
  ): Promise<MetamerAnswer>;
  open(image: LabImage): void;
  report(problem: string): void;
  /** Another image as the start. */
  startFrom(image: LabImage): void;
  change(changes: Partial<MetamerControls>): void;
  run(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  cancel(): void;
  /** What is wrong with a loss, if anything, for the layers chosen. */
  checkLoss(text: string): Promise<string | undefined>;
  /** What the network of the rows makes of an image, at every layer. */
  look(image: Float32Array): Promise<Inspection | undefined>;
  /** Takes back the metamers of the run that has just begun, unless others are being made. */
  restore(finding: MetamersFinding): Promise<void>;
}

/** One of the panel's rows, to be made. */
interface PanelJob {
  layer: string;
  reference: Float32Array;
  recipe: MetamerRecipe;
}

interface MakeOptions {
  keep?: readonly number[];
  group?: string;
  signal?: AbortSignal;
  onProgress?(progress: MetamerProgress): void;
}

interface Parts {
  lab: StoreApi<LabState>;
  workers: Pick<Workers, 'inspector' | 'studio'>;
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
  /** Hears of metamers of the page's run. */
  note(finding: MetamersFinding): void;
}

/** 1,225 pairs: enough for the 99.9 % quantile that a metamer must exceed. */
const NULL_IMAGES = 50;
/** More images than this are not streamed; 1,000 of them are 3 MB. */
const MOST_FRAMES = 1000;
/** The iterations that the notebook shows, before the end. */
export const STAGES: readonly number[] = [0, 40, 80];
const NOTEBOOK_START: MetamerStart = { kind: 'noise', scale: 1, mean: 0, seed: 314 };

export function createMetamers({ lab, workers, momentAt, note }: Parts): Metamers {
  const { inspector, studio } = workers;
  const store = createStore<MetamersState>(() => ({
    controls: {
      layers: ['conv', 'fc'],
      start: NOTEBOOK_START,
      // The notebook makes 100, from which noise of scale 1 is still far from a match.
      iterations: 1000,
      learningRate: 0.01,
      loss: 'mse',
      totalVariation: 0,
      clip: false,
      accumulate: false,
    },
    rows: [],
    running: false,
    paused: false,
  }));
  const { getState, setState } = store;
  let under: AbortController | undefined;
  let runs = 0;
  const group = () => `panel ${runs}`;

  const stopWaiting = lab.subscribe(({ data }) => {
    if (!data) return;
    stopWaiting();
    // The notebook's reference.
    setState(({ reference }) => ({ reference: reference ?? dataSetImage(data, 'train', 0) }));
  });

  function make(
    moment: NetworkMoment,
    reference: Float32Array,
    starts: Float32Array,
    settings: MetamerSettings & { iterations: number },
    { keep = [], group, signal, onProgress }: MakeOptions,
  ): Promise<MetamerAnswer> {
    const frameEvery = Math.max(1, Math.ceil(settings.iterations / MOST_FRAMES));
    const job = { moment, references: reference, starts, settings, group, keep, frameEvery };
    return studio.call('metamer', { ...job, nullImages: nullImages(lab.getState()) }, { signal, onProgress });
  }

  function makeWith(
    moment: NetworkMoment,
    { layer, reference, recipe }: PanelJob,
    options: Omit<MakeOptions, 'keep'>,
  ): Promise<MetamerAnswer> {
    const { start, loss, ...rest } = recipe;
    const starts = startingImage(start, reference.length);
    const settings = { ...rest, layer, loss: lossOf(loss) };
    return make(moment, reference, starts, settings, { ...options, keep: STAGES });
  }

  function changeRow(layer: string, change: (row: MetamerRow) => Partial<MetamerRow>): void {
    setState(({ rows }) => ({
      rows: rows.map((row) => (row.layer === layer ? { ...row, ...change(row) } : row)),
    }));
  }

  async function runRow(
    layer: string,
    moment: NetworkMoment,
    reference: Float32Array,
    { recipe, own }: { recipe: MetamerRecipe; own: AbortController },
  ): Promise<void> {
    const size = reference.length;
    try {
      const answer = await makeWith(
        moment,
        { layer, reference, recipe },
        {
          group: group(),
          signal: own.signal,
          onProgress: ({ iteration, losses, frames, frameIterations }) => {
            if (under !== own) return;
            changeRow(layer, (row) => ({
              iteration,
              losses: [...row.losses, ...losses],
              frames: [
                ...row.frames,
                ...frameIterations.map((iteration, i) => ({
                  iteration,
                  image: frames.slice(i * size, (i + 1) * size),
                })),
              ],
            }));
          },
        },
      );
      if (under === own) changeRow(layer, () => ({ status: 'done', answer }));
    } catch (error) {
      if (under !== own) return;
      if (own.signal.aborted) changeRow(layer, () => ({ status: 'canceled' }));
      else {
        const problem = sentenceOf(error);
        changeRow(layer, () => ({ status: 'failed', problem }));
        if (typeof lossOf(recipe.loss) !== 'string') setState({ lossProblem: problem });
      }
    }
  }

  return {
    store,
    async generate(reference, { at = 'live', signal, onProgress, init, keep, loss = 'mse', ...settings }) {
      checkLayer(lab.getState().network, settings.layer, 'metamer');
      if (typeof loss !== 'string') {
        throw new Error(
          `metamer: expected loss "mse", "normalized" or an expression as text, found ${String(loss)}`,
        );
      }
      const { step, ...moment } = await momentAt(at);
      const size = sizeOf(shapeAt(moment.network, 'input'));
      if (init && !(init instanceof Float32Array && init.length === size)) {
        throw new Error(`metamer: expected init to be a Float32Array of ${size} pixels`);
      }
      const { iterations = 100 } = settings;
      const answer = await make(
        moment,
        reference,
        init ?? startingImage(NOTEBOOK_START, size),
        { ...settings, iterations, loss: lossOf(loss) },
        {
          keep,
          signal,
          onProgress:
            onProgress &&
            (({ iteration, losses }) => {
              const loss = losses.at(-1);
              if (loss !== undefined) onProgress({ iteration, loss });
            }),
        },
      );
      return foundOf(answer, settings.layer, step);
    },
    async judge({ layer, reference, metamer, at = 'live', signal }) {
      checkLayer(lab.getState().network, layer, 'judge');
      const { step, ...moment } = await momentAt(at);
      const job = { moment, references: reference, metamers: metamer, layer };
      const [judgement] = await studio.call(
        'judge',
        { ...job, nullImages: nullImages(lab.getState()) },
        { signal },
      );
      return { ...judgement, step };
    },
    makeWith,
    open: (reference) => setState({ reference, problem: undefined }),
    report: (problem) => setState({ problem }),
    startFrom: ({ pixels }) =>
      setState(({ controls }) => ({ controls: { ...controls, start: { kind: 'image', image: pixels } } })),
    change: (changes) =>
      setState(({ controls }) => ({ controls: { ...controls, ...changes }, lossProblem: undefined })),
    async run() {
      const { reference, controls } = getState();
      const { layers, ...recipe } = controls;
      const { run } = lab.getState();
      if (!reference) {
        setState({ problem: 'Expected a reference first. Drag any image here.' });
        return;
      }
      under?.abort();
      const own = new AbortController();
      under = own;
      runs++;
      setState({ running: true, paused: false, problem: undefined, lossProblem: undefined });
      try {
        const { step, ...moment } = await momentAt(lab.getState().moment);
        if (under !== own) return;
        setState({
          made: { reference, step, moment, recipe },
          rows: layers.map((layer) => ({
            layer,
            status: 'running',
            iteration: 0,
            losses: [],
            frames: [],
          })),
        });
        await Promise.all(layers.map((layer) => runRow(layer, moment, reference.pixels, { recipe, own })));
        const rows = getState().rows.flatMap(foundIn);
        if (under === own && rows.length > 0 && lab.getState().run === run) {
          note({ kind: 'metamers', step, reference, recipe, rows });
        }
      } catch (error) {
        if (under === own) setState({ problem: sentenceOf(error) });
      } finally {
        if (under === own) setState({ running: false, paused: false });
      }
    },
    async pause() {
      if (!getState().running) return;
      setState({ paused: true });
      await studio.call('hold', { group: group(), held: true });
    },
    async resume() {
      setState({ paused: false });
      await studio.call('hold', { group: group(), held: false });
    },
    cancel() {
      under?.abort();
      void studio.call('hold', { group: group(), held: false }).catch(() => undefined);
    },
    async checkLoss(text) {
      const loss = lossOf(text);
      if (typeof loss === 'string') return undefined;
      const { network } = lab.getState();
      try {
        const { parseMetamerLoss } = await import('../../ml/metamers/loss.ts');
        const pixels = sizeOf(shapeAt(network, 'input'));
        for (const layer of getState().controls.layers) {
          parseMetamerLoss(loss.expression, { units: sizeOf(shapeAt(network, layer)), pixels });
        }
        return undefined;
      } catch (error) {
        return sentenceOf(error);
      }
    },
    async look(images) {
      const moment = getState().made?.moment;
      return moment && inspector.call('inspect', { moment, images });
    },
    async restore({ step: made, reference, recipe, rows }) {
      if (getState().running) return;
      const { run, snapshots, step: live } = lab.getState();
      const at = snapshots.some(({ step }) => step === made) ? made : made === live ? 'live' : undefined;
      const found = at === undefined ? undefined : await momentAt(at);
      if (getState().running || lab.getState().run !== run) return;
      setState({
        reference,
        made: { reference, step: made, moment: found && withoutStep(found), recipe },
        rows: rows.map(rowOf),
        problem: undefined,
      });
    },
  };
}

function withoutStep({ step: _, ...moment }: LabMoment): NetworkMoment {
  return moment;
}

function foundIn({ layer, losses, answer }: MetamerRow): FoundMetamer[] {
  return answer ? [{ layer, losses, answer }] : [];
}

/** The row as it stood when its metamer was made, with the iterates that are kept. */
function rowOf({ layer, losses, answer }: FoundMetamer): MetamerRow {
  const { last, kept } = answer;
  const stages = kept.map(({ iteration, images }) => ({ iteration, image: images }));
  const end = { iteration: last.iteration, image: last.images };
  return {
    layer,
    status: 'done',
    iteration: last.iteration,
    losses,
    frames: [...stages.filter(({ iteration }) => iteration < last.iteration), end],
    answer,
  };
}

/** Different images [n, pixels], whose pairs a metamer must match better than. */
export function nullImages({ data }: LabState): Float32Array {
  if (!data) throw new Error('metamer: expected the data set first. Wait until it has arrived.');
  const { width, height } = data.test;
  const images = new Float32Array(NULL_IMAGES * width * height);
  for (let i = 0; i < NULL_IMAGES; i++) images.set(pixelsOf(data.test, i), i * width * height);
  return images;
}

function lossOf(text: string): MetamerLoss {
  return text === 'mse' || text === 'normalized' ? text : { expression: text };
}

function foundOf(answer: MetamerAnswer, layer: string, step: number): MetamerFound {
  const { best, last, kept, losses } = answer;
  const { layers, metamer, reference: _, ...judged } = answer.judgements[0];
  return {
    ...judged,
    step,
    layer,
    losses: losses[0],
    image: last.images,
    loss: last.losses[0],
    best: { image: best.images, loss: best.losses[0], iteration: best.iterations[0] },
    kept: kept.map(({ iteration, images }) => ({ iteration, image: images })),
    prediction: metamer.prediction,
    probabilities: metamer.probabilities,
    match: Object.fromEntries(
      layers.map(({ layer, match, threshold, outside }) => [layer, { match, threshold, outside }]),
    ),
  };
}
