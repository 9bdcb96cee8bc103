import type { Figures } from '../../ml/geometry/index.ts';
import type { LayerGeometry } from '../../workers/geometryProtocol.ts';
import { partsOf, type Watched } from '../ask/watched.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import type { GeometryPool } from './geometryPool.ts';
import { type Redraws, redrawsFor, selectForGeometry } from './geometrySelection.ts';
import { checkGeometry, type GeometryOptions } from './geometrySettings.ts';
import { analyzeWithErrors, type LayerQuestion, layerJob } from './layerAnalysis.ts';

/** One layer's figures, its classes in the order of `labels`. */
export type GeometryAnswer = Omit<LayerGeometry, 'warmStart' | 'exampleErrors'> & {
  step: number;
  /**
   * Standard errors over the draw of images and the center problem's minima, with the noise of the t-vectors subtracted.
   */
  exampleErrors?: Figures;
};

const MOST_KEPT = 400;

/** Manifold geometry by layer, for scripts and panels. */
export interface GeometryQuestion {
  geometry(
    options?: GeometryOptions & Watched & { at?: Moment | 'best' },
  ): Promise<Record<string, GeometryAnswer>>;
  /** The same for a given moment. */
  geometryOf(moment: LabMoment, options?: GeometryOptions & Watched): Promise<Record<string, GeometryAnswer>>;
}

interface Parts {
  pool: GeometryPool;
  getState(): LabState;
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
}

export function createGeometryQuestion({ pool, getState, momentAt }: Parts): GeometryQuestion {
  const kept = new Map<string, LayerGeometry>();

  async function answer(question: LayerQuestion, redraws: Redraws, watched: Watched): Promise<LayerGeometry> {
    const key = answerKey(question, getState());
    const found =
      kept.get(key) ?? (await analyzeWithErrors(pool, layerJob(question), () => redraws, watched));
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(key, found);
    return found;
  }

  async function geometryOf(
    { step, ...moment }: LabMoment,
    { signal, onProgress, ...options }: GeometryOptions & Watched = {},
  ): Promise<Record<string, GeometryAnswer>> {
    const settings = checkGeometry(getState(), options);
    const selection = selectForGeometry(getState(), settings);
    const redraws = redrawsFor(getState(), settings, selection);
    return answerLayers(settings.layers, { step, signal, onProgress }, async (layer, watched) =>
      structuredClone(await answer({ moment, selection, settings, layer }, redraws, watched)),
    );
  }

  return {
    async geometry({ at = 'live', ...options } = {}) {
      // Invalid options are reported before the moment is fetched.
      checkGeometry(getState(), options);
      return geometryOf(await momentAt(at), options);
    },
    geometryOf,
  };
}

/** The answers about layers at a step. If one layer fails, the others are aborted. */
export async function answerLayers(
  layers: readonly string[],
  { step, signal, onProgress }: Watched & { step: number },
  analyze: (layer: string, watched: Watched) => Promise<LayerGeometry>,
): Promise<Record<string, GeometryAnswer>> {
  const controller = new AbortController();
  const own = signal ? AbortSignal.any([signal, controller.signal]) : controller.signal;
  const parts = partsOf({ signal: own, onProgress }, layers.length);
  try {
    const answers = await Promise.all(
      layers.map(async (layer, i) => {
        const { warmStart, ...figures } = await analyze(layer, parts[i]);
        // An earlier answer reports no progress.
        parts[i].onProgress?.({ fraction: 1 });
        return [layer, { ...figures, step }] as const;
      }),
    );
    return Object.fromEntries(answers);
  } finally {
    controller.abort();
  }
}

/** Equal for questions with the same answer. For the same data, the input layer's answer is the same at every moment. */
function answerKey(
  { moment, selection, settings, layer }: LayerQuestion,
  { data }: Pick<LabState, 'data'>,
): string {
  const { split, indices } = selection;
  const { layers: _, indices: given, ...others } = settings;
  const when = layer === 'input' ? data?.id : moment.key;
  // Given images are resampled differently from the same images drawn.
  return JSON.stringify([when, layer, others, given !== undefined, split, [...indices]]);
}
