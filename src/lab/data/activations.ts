import { createStore, type StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import { notebookDraw } from '../../ml/data/notebookDraw.ts';
import {
  imageErrors,
  RESAMPLE_RESTARTS,
  RESAMPLE_SAMPLES,
  type ResampleKind,
} from '../../ml/geometry/index.ts';
import { sizeOf } from '../../ml/model/network.ts';
import { randomOrder } from '../../ml/random/order.ts';
import type { Spectrum } from '../../ml/spectrum/analyzeSpectrum.ts';
import type { Workers } from '../../workers/client.ts';
import type { ActivationInfo, LayerGeometry, ResampleDraw } from '../../workers/protocol.ts';
import type { Watched } from '../ask/watched.ts';
import { estimateFurther, resampleGlue } from '../geometry/estimators.ts';
import type { GeometryPool } from '../geometry/geometryPool.ts';
import {
  type AnalysisSettings,
  checkAnalysis,
  type GeometryAnswer,
  type GeometryOptions,
  REDRAW_STRIDE,
  samplesOfResample,
} from '../geometry/geometryQuestion.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { PathFile } from './ownImages.ts';

/** Activations of another network, opened from files, as a source beside the page's network. */
export interface Activations {
  store: StoreApi<ActivationsState>;
  /** Opens files; @throws an Error that says what is wrong. */
  open(files: readonly PathFile[]): Promise<ActivationInfo>;
  /** Opens dropped files and shows any problem in the state. */
  offer(files: readonly PathFile[]): Promise<void>;
  /** Shows the activations, or the page's network again. */
  show(shown: boolean): void;
  close(): void;
  spectrum(options: ActivationSpectrumOptions): Promise<ActivationSpectrum>;
  geometry(options?: ActivationGeometryOptions): Promise<Record<string, GeometryAnswer>>;
}

export interface ActivationsState {
  info?: ActivationInfo;
  /** Whether Spectrum and Geometry show them. */
  shown: boolean;
  problem?: string;
}

export interface ActivationSpectrumOptions extends Watched {
  layer: string;
  /** The first `count` images. Default 100. */
  count?: number;
  indices?: ArrayLike<number>;
  components?: number;
}

export interface ActivationSpectrum extends Spectrum {
  layer: string;
  indices: Int32Array;
  labels: Uint16Array;
}

export type ActivationGeometryOptions = Omit<GeometryOptions, 'split'> & Watched;

interface Chosen {
  indices: Int32Array;
  labels: Uint16Array;
}

const MOST_IMAGES = 2000;

interface Parts {
  workers: Pick<Workers, 'startActivations'>;
  pool: GeometryPool;
}

export function createActivations({ workers, pool }: Parts): Activations {
  const store = createStore<ActivationsState>(() => ({ shown: false }));
  let worker: ReturnType<Workers['startActivations']> | undefined;

  function opened(caller: string) {
    const { info } = store.getState();
    if (!worker || !info) {
      throw new CallError(
        caller,
        'expected open activations, found none. Call lab.openActivations(file) first',
      );
    }
    return { worker, info };
  }

  function close(): void {
    worker?.end();
    worker = undefined;
    store.setState({ shown: false }, true);
  }

  async function open(files: readonly PathFile[]): Promise<ActivationInfo> {
    const next = workers.startActivations();
    try {
      const info = await next.call('open', { files: [...files] });
      worker?.end();
      worker = next;
      store.setState({ info, shown: true }, true);
      return info;
    } catch (error) {
      next.end();
      throw error;
    }
  }

  async function analyzeLayer(
    layer: string,
    settings: AnalysisSettings,
    chosen: Chosen,
    redraws: { kind: ResampleKind; draws: (Chosen & { seed: number })[] },
    { signal, onProgress }: Watched,
  ): Promise<LayerGeometry> {
    const { worker, info } = opened('geometry');
    const { kappa, samples, projection, rule, restarts, seed, resamples } = settings;
    const rowsOf = ({ indices }: Chosen) => worker.call('rows', { layer, indices }, { signal });
    const job = { rows: await rowsOf(chosen), labels: chosen.labels, layer, projection, seed };
    const search = { rule, restarts, warmStart: [] };
    const part = resamples === 0 ? 1 : 0.15;
    const meanField = await pool.analyze(
      { job, kappa, samples, search },
      { signal, onProgress: ({ fraction }) => onProgress?.({ fraction: part * fraction }) },
    );
    const result = { ...meanField, ...(await estimateFurther(pool, job, settings, meanField, { signal })) };
    if (resamples === 0) return result;
    const shape = info.layers.find(({ name }) => name === layer)?.shape ?? [];
    const fewer = samplesOfResample(samples, sizeOf(shape));
    const draws: ResampleDraw[] = [];
    for (const draw of redraws.draws) {
      const drawn = redraws.kind === 'halves' ? undefined : { labels: draw.labels, rows: await rowsOf(draw) };
      draws.push({ seed: draw.seed, drawn });
    }
    const resampled = await pool.resample(
      {
        job,
        draws,
        kappa,
        samples: fewer,
        search: { rule, restarts: Math.min(restarts, RESAMPLE_RESTARTS), warmStart: result.warmStart },
      },
      { signal, onProgress: ({ fraction }) => onProgress?.({ fraction: part + (1 - part) * fraction }) },
    );
    const { kind } = redraws;
    const withErrors = {
      ...result,
      exampleErrors: imageErrors(resampled),
      resampled: { kind, samples: fewer, resamples: resampled },
    };
    if (!result.glue) return withErrors;
    const others = { job, draws, kind, samples: Math.min(samples, RESAMPLE_SAMPLES) };
    return { ...withErrors, glue: await resampleGlue(pool, others, result.glue, { signal }) };
  }

  return {
    store,
    open,
    async offer(files) {
      try {
        await open(files);
      } catch (error) {
        store.setState({ problem: sentenceOf(error) });
      }
    },
    show: (shown) => store.setState({ shown }),
    close,
    async spectrum({ layer, count = 100, indices, components, ...watched }) {
      const { worker, info } = opened('spectrum');
      checkLayerOf(info, layer, 'spectrum');
      const own = indices ?? Int32Array.from({ length: Math.min(count, info.count) }, (_, i) => i);
      const chosen = chosenAt(info, own, 'spectrum');
      const question = { layer, indices: chosen.indices, components };
      const spectrum = await worker.call('spectrum', question, watched);
      return { ...spectrum, layer, ...chosen };
    },
    async geometry({ layers, signal, onProgress, ...options } = {}) {
      const { info } = opened('geometry');
      const smallest = smallestClass(info);
      const settings = checkAnalysis({
        ...options,
        examplesPerClass: options.examplesPerClass ?? Math.max(4, Math.min(50, smallest)),
      });
      const names = layers ?? info.layers.map(({ name }) => name);
      for (const layer of names) checkLayerOf(info, layer, 'geometry');
      const chosen = draw(info, settings);
      const redraws = redrawsOf(info, settings, chosen);
      const fractions = new Map<string, number>();
      const answers = await Promise.all(
        names.map(async (layer) => {
          const found = await analyzeLayer(layer, settings, chosen, redraws, {
            signal,
            onProgress({ fraction }) {
              fractions.set(layer, fraction);
              const sum = [...fractions.values()].reduce((total, one) => total + one, 0);
              onProgress?.({ fraction: sum / names.length });
            },
          });
          const { warmStart: _, ...figures } = found;
          return [layer, { ...figures, step: 0 }] as const;
        }),
      );
      return Object.fromEntries(answers);
    },
  };
}

function checkLayerOf({ layers }: ActivationInfo, layer: string, caller: string): void {
  const names = layers.map(({ name }) => name);
  if (!names.includes(layer)) {
    throw new CallError(caller, `expected a layer among ${names.join(', ')}, found "${layer}"`);
  }
}

function chosenAt({ labels, count }: ActivationInfo, indices: ArrayLike<number>, caller: string): Chosen {
  const own = Int32Array.from(indices);
  const bad = own.findIndex((index, i) => index !== indices[i] || index < 0 || index >= count);
  if (bad >= 0 || own.length < 2 || own.length > MOST_IMAGES * 10) {
    throw new CallError(
      caller,
      `expected 2 to ${MOST_IMAGES * 10} image indices from 0 to ${count - 1}, found ${bad >= 0 ? indices[bad] : `${own.length} of them`}`,
    );
  }
  return { indices: own, labels: Uint16Array.from(own, (index) => labels[index]) };
}

function smallestClass({ labels, classNames }: ActivationInfo): number {
  const counts = new Array<number>(classNames.length).fill(0);
  for (const label of labels) counts[label]++;
  return Math.min(...counts);
}

/** The images of every class, as the page draws them from a data set. */
function draw(info: ActivationInfo, settings: AnalysisSettings): Chosen {
  const { labels, classNames } = info;
  const { indices, examplesPerClass, seed } = settings;
  if (classNames.length < 2) {
    throw new CallError(
      'geometry',
      'expected labels of at least two classes, found one class. Save an array named labels',
    );
  }
  if (indices) return chosenAt(info, indices, 'geometry');
  if (smallestClass(info) < examplesPerClass) {
    throw new CallError(
      'geometry',
      `expected ${examplesPerClass} images of every class, found ${smallestClass(info)} in the smallest. Ask for fewer`,
    );
  }
  if (settings.draw === 'notebook') {
    const drawn = notebookDraw(labels, { classes: classNames.length, examplesPerClass });
    return chosenAt(
      info,
      drawn.flatMap(({ indices: own }) => [...own]),
      'geometry',
    );
  }
  return drawnBy(info, seed, new Map(classNames.map((_, label) => [label, examplesPerClass])));
}

function drawnBy(info: ActivationInfo, seed: number, counts: ReadonlyMap<number, number>): Chosen {
  const members = new Map([...counts.keys()].map((label): [number, number[]] => [label, []]));
  for (const index of randomOrder(seed, info.count)) {
    const own = members.get(info.labels[index]);
    if (own && own.length < (counts.get(info.labels[index]) ?? 0)) own.push(index);
  }
  return chosenAt(info, [...members.values()].flat(), 'geometry');
}

/** Other images of the same classes, or random halves where there are fewer than twice as many. */
function redrawsOf(info: ActivationInfo, settings: AnalysisSettings, chosen: Chosen) {
  const counts = new Map<number, number>();
  for (const label of chosen.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const available = new Map<number, number>();
  for (const label of info.labels) available.set(label, (available.get(label) ?? 0) + 1);
  const isPlenty = [...counts].every(([label, count]) => (available.get(label) ?? 0) >= 2 * count);
  const kind: ResampleKind = settings.indices === undefined && isPlenty ? 'redraws' : 'halves';
  const draws = Array.from({ length: settings.resamples }, (_, i) => {
    const seed = (settings.seed + (i + 1) * REDRAW_STRIDE) % 2 ** 32;
    return { seed, ...(kind === 'redraws' ? drawnBy(info, seed, counts) : chosen) };
  });
  return { kind, draws };
}
