import { CallError } from '../../ml/callError.ts';
import { pixelCount, pixelsOf } from '../../ml/data/dataset.ts';
import type { MetamerSettings } from '../../ml/metamers/generate.ts';
import type { Judgement } from '../../ml/metamers/judge.ts';
import { startingImage } from '../../ml/metamers/start.ts';
import { shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { Workers } from '../../workers/client.ts';
import type { MetamerAnswer, MetamerProgress, NetworkMoment } from '../../workers/protocol.ts';
import { checkLayer } from '../ask/layers.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import { lossOf, type MetamerRecipe, NOTEBOOK_START } from './recipe.ts';

export interface MetamerOptions extends Omit<MetamerSettings, 'loss'> {
  /** `mse` (default), `normalized`, or an expression of a, b and x. */
  loss?: string;
  /** Starting image. Default: the notebook's noise, N(0, 1) with seed 314. */
  init?: Float32Array;
  /** Iterations whose images are returned. */
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
  /** The image after the last update, and its loss. */
  image: Float32Array;
  loss: number;
  best: { image: Float32Array; loss: number; iteration: number };
  kept: { iteration: number; image: Float32Array }[];
  /** The predicted class, and the probabilities of all classes. */
  prediction: number;
  probabilities: Float64Array;
  /** By layer: Spearman, Pearson and SNR (dB) with the reference, and the thresholds from pairs of different images. */
  match: Record<string, Pick<Judgement['layers'][number], 'match' | 'threshold' | 'outside'>>;
  pixelCorrelation: number;
  similarity: number;
  isMetamer: boolean;
  /** Reasons why the image is not a metamer. */
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

/** Metamers and verdicts, for scripts and panels. */
export interface MetamerQuestion {
  generate(reference: Float32Array, options: MetamerOptions): Promise<MetamerFound>;
  /** Judges a metamer, made with any network, by a network of the run. */
  judge(options: JudgeOptions): Promise<Judgement & { step: number }>;
  /** Makes a row of the panel with any network. */
  makeWith(
    moment: NetworkMoment,
    job: PanelJob,
    options: Pick<MakeOptions, 'group' | 'signal' | 'onProgress'>,
  ): Promise<MetamerAnswer>;
}

/** A row of the panel to make. */
export interface PanelJob {
  layer: string;
  reference: Float32Array;
  recipe: MetamerRecipe;
}

interface MakeOptions {
  keep?: readonly number[];
  /** The group's name, for pausing. */
  group?: string;
  signal?: AbortSignal;
  onProgress?(progress: MetamerProgress): void;
}

interface Parts {
  longJobs: Workers['longJobs'];
  getState(): LabState;
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
}

/**
 * 10,000 pairs, each image with the 20 that follow, so that 10 pairs lie above the 99.9 % quantile that a metamer
 * must exceed.
 */
const NULL_IMAGES = 500;
/** Maximum number of streamed images; 1,000 images take 3 MB. */
const MOST_FRAMES = 1000;
/** The iterations shown in the notebook, before the last. */
export const STAGES: readonly number[] = [0, 40, 80];

export function createMetamerQuestion({ longJobs, getState, momentAt }: Parts): MetamerQuestion {
  function make(
    moment: NetworkMoment,
    reference: Float32Array,
    starts: Float32Array,
    settings: MetamerSettings & { iterations: number },
    { keep = [], group, signal, onProgress }: MakeOptions,
  ): Promise<MetamerAnswer> {
    const frameEvery = Math.max(1, Math.ceil(settings.iterations / MOST_FRAMES));
    const job = { moment, references: reference, starts, settings, group, keep, frameEvery };
    return longJobs.call('metamer', { ...job, ...judgedBy(getState()) }, { signal, onProgress });
  }

  return {
    async generate(reference, { at = 'live', signal, onProgress, init, keep, loss = 'mse', ...settings }) {
      checkLayer(getState().network, settings.layer, 'metamer');
      checkLoss(loss);
      const { step, ...moment } = await momentAt(at);
      const size = sizeOf(shapeAt(moment.network, 'input'));
      checkStart(init, size);
      const { iterations = 100 } = settings;
      const answer = await make(
        moment,
        reference,
        init ?? startingImage(NOTEBOOK_START, size),
        { ...settings, iterations, loss: lossOf(loss) },
        { keep, signal, onProgress: onProgress && lossProgress(onProgress) },
      );
      return foundOf(answer, settings.layer, step);
    },
    async judge({ layer, reference, metamer, at = 'live', signal }) {
      checkLayer(getState().network, layer, 'judge');
      const { step, ...moment } = await momentAt(at);
      const job = { moment, references: reference, metamers: metamer, layer };
      const [judgement] = await longJobs.call('judge', { ...job, ...judgedBy(getState()) }, { signal });
      return { ...judgement, step };
    },
    makeWith(moment, { layer, reference, recipe }, options) {
      const { start, loss, ...rest } = recipe;
      const starts = startingImage(start, reference.length);
      const settings = { ...rest, layer, loss: lossOf(loss) };
      return make(moment, reference, starts, settings, { ...options, keep: STAGES });
    },
  };
}

/** Reports the newest loss of each message that has one. */
function lossProgress(onProgress: NonNullable<MetamerOptions['onProgress']>) {
  return ({ iteration, losses }: MetamerProgress) => {
    const loss = losses.at(-1);
    if (loss !== undefined) onProgress({ iteration, loss });
  };
}

function checkLoss(loss: unknown): void {
  if (typeof loss !== 'string') {
    throw new CallError(
      'metamer',
      `expected loss "mse", "normalized" or an expression as text, found ${String(loss)}`,
    );
  }
}

function checkStart(init: unknown, size: number): void {
  if (init !== undefined && !(init instanceof Float32Array && init.length === size)) {
    throw new CallError('metamer', `expected init to be a Float32Array of ${size} pixels`);
  }
}

/** The part of the data that metamers are judged by. */
export function judgedBy(state: LabState): { nullImages: Float32Array; classNames?: readonly string[] } {
  return { nullImages: nullImages(state), classNames: state.data?.classNames };
}

/**
 * Different images [n, pixels]. A metamer must match its reference better than pairs of these images match each other. They
 * are the first test images, followed by the first training images if the test set has too few.
 */
function nullImages({ data }: LabState): Float32Array {
  if (!data) throw new CallError('metamer', 'expected the data set first. Wait until it has arrived.');
  const pixels = pixelCount(data.test);
  const { test, train } = data;
  const count = Math.min(NULL_IMAGES, test.count + train.count);
  const images = new Float32Array(count * pixels);
  for (let i = 0; i < count; i++) {
    const image = i < test.count ? pixelsOf(test, i) : pixelsOf(train, i - test.count);
    images.set(image, i * pixels);
  }
  return images;
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
