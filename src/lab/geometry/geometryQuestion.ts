import type { Figures } from '../../ml/geometry/index.ts';
import type { LayerGeometry } from '../../workers/geometryProtocol.ts';
import type { Watched } from '../ask/watched.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import type { GeometryPool } from './geometryPool.ts';
import { type Redraws, redrawsFor, selectForGeometry } from './geometrySelection.ts';
import { checkGeometry, type GeometryOptions } from './geometrySettings.ts';
import { analyzeWithErrors, type LayerQuestion } from './layerAnalysis.ts';

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
    const found = kept.get(key) ?? (await analyzeWithErrors(pool, question, redraws, watched));
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
    const fractions = new Map<string, number>();
    const report = (layer: string, fraction: number) => {
      fractions.set(layer, fraction);
      const sum = [...fractions.values()].reduce((total, one) => total + one, 0);
      onProgress?.({ fraction: sum / settings.layers.length });
    };
    // If a layer fails, the others are aborted.
    const controller = new AbortController();
    const own = signal ? AbortSignal.any([signal, controller.signal]) : controller.signal;
    try {
      const answers = await Promise.all(
        settings.layers.map(async (layer) => {
          const found = await answer({ moment, selection, settings, layer }, redraws, {
            signal: own,
            onProgress: ({ fraction }) => report(layer, fraction),
          });
          report(layer, 1);
          const { warmStart, ...figures } = structuredClone(found);
          return [layer, { ...figures, step }] as const;
        }),
      );
      return Object.fromEntries(answers);
    } finally {
      controller.abort();
    }
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
