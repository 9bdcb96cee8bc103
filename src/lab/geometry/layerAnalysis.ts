import { imageErrors, RESAMPLE_RESTARTS, RESAMPLE_SAMPLES } from '../../ml/geometry/index.ts';
import type { Matrix } from '../../ml/linear/matrix.ts';
import { shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { LayerGeometry } from '../../workers/geometryProtocol.ts';
import type { NetworkMoment } from '../../workers/protocol.ts';
import type { Selection } from '../ask/selection.ts';
import type { Watched } from '../ask/watched.ts';
import { estimateFurther, resampleGlue } from './estimators.ts';
import type { GeometryPool } from './geometryPool.ts';
import type { Redraws } from './geometrySelection.ts';
import type { CheckedGeometry } from './geometrySettings.ts';

export interface LayerQuestion {
  moment: NetworkMoment;
  selection: Selection;
  settings: CheckedGeometry;
  layer: string;
}

/** Shares of the time for the mean-field figures: of all figures, and of all errors. */
const MEAN_FIELD_PART = 0.2;

/** Computes a layer's figures on workers of the pool. */
export async function analyzeLayer(
  pool: GeometryPool,
  question: LayerQuestion,
  warmStart: Matrix[],
  { signal, onProgress }: Watched,
): Promise<LayerGeometry> {
  const { kappa, samples, rule, restarts, estimator } = question.settings;
  const job = jobOf(question);
  const part = estimator === 'meanField' ? 1 : MEAN_FIELD_PART;
  const result = await pool.analyze(
    { job, kappa, samples, search: { rule, restarts, warmStart } },
    { signal, onProgress: ({ fraction }) => onProgress?.({ fraction: part * fraction }) },
  );
  const further = await estimateFurther(pool, job, question.settings, result, {
    signal,
    onProgress: ({ fraction }) => onProgress?.({ fraction: part + (1 - part) * fraction }),
  });
  return { ...result, ...further };
}

/** In layers with at most this many units, the t-vectors add as much noise as the images, and samples are cheap. */
const SMALL_LAYER = 100;

/** Number of t-vectors per resample: few, except for small layers. */
export function samplesOfResample(own: number, units: number): number {
  return units <= SMALL_LAYER ? own : Math.min(own, RESAMPLE_SAMPLES);
}

/** Computes the errors over images of a layer's figures, which takes about ten times as long as the figures. */
export async function resampleLayer(
  pool: GeometryPool,
  question: LayerQuestion,
  { kind, draws }: Redraws,
  result: LayerGeometry,
  watched: Watched,
): Promise<LayerGeometry> {
  const { kappa, samples: own, rule, restarts } = question.settings;
  const { network } = question.moment;
  const samples = samplesOfResample(own, sizeOf(shapeAt(network, question.layer)));
  const search = { rule, restarts: Math.min(restarts, RESAMPLE_RESTARTS), warmStart: result.warmStart };
  const job = jobOf(question);
  const { glue } = result;
  const { signal, onProgress } = watched;
  const part = glue ? MEAN_FIELD_PART : 1;
  const resamples = await pool.resample(
    { job, draws, kappa, samples, search },
    { signal, onProgress: ({ fraction }) => onProgress?.({ fraction: part * fraction }) },
  );
  const withErrors = {
    ...result,
    exampleErrors: imageErrors(resamples),
    resampled: { kind, samples, resamples },
  };
  if (!glue) return withErrors;
  const further = { job, draws, kind, samples: Math.min(own, RESAMPLE_SAMPLES) };
  const glueWithErrors = await resampleGlue(pool, further, glue, {
    signal,
    onProgress: ({ fraction }) => onProgress?.({ fraction: part + (1 - part) * fraction }),
  });
  return { ...withErrors, glue: glueWithErrors };
}

/** The figures' share of the time for figures and errors. */
const FIGURES_PART = 0.15;

/** Computes a layer's figures and their errors over images. */
export async function analyzeWithErrors(
  pool: GeometryPool,
  question: LayerQuestion,
  redraws: Redraws,
  { signal, onProgress }: Watched,
): Promise<LayerGeometry> {
  const isAll = question.settings.resamples === 0;
  const part = isAll ? 1 : FIGURES_PART;
  const figures = await analyzeLayer(pool, question, [], {
    signal,
    onProgress: ({ fraction }) => onProgress?.({ fraction: part * fraction }),
  });
  if (isAll) return figures;
  return resampleLayer(pool, question, redraws, figures, {
    signal,
    onProgress: ({ fraction }) => onProgress?.({ fraction: part + (1 - part) * fraction }),
  });
}

export function jobOf({ moment, selection, settings, layer }: LayerQuestion) {
  const { images, labels } = selection;
  const { projection, seed } = settings;
  return { moment, images, labels, layer, projection, seed };
}
