import { imageErrors, RESAMPLE_RESTARTS, samplesOfResample } from '../../ml/geometry/index.ts';
import type { Matrix } from '../../ml/linear/matrix.ts';
import { shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { GeometryJob, LayerGeometry } from '../../workers/geometryProtocol.ts';
import type { NetworkMoment } from '../../workers/protocol.ts';
import type { Selection } from '../ask/selection.ts';
import { partOf, type Watched } from '../ask/watched.ts';
import { estimateFurther, resampleGlue } from './estimators.ts';
import type { GeometryPool } from './geometryPool.ts';
import type { Redraws } from './geometrySelection.ts';
import type { AnalysisSettings, CheckedGeometry } from './geometrySettings.ts';

export interface LayerQuestion {
  moment: NetworkMoment;
  selection: Selection;
  settings: CheckedGeometry;
  layer: string;
}

/** A layer's points and the settings of their analysis. */
interface LayerJob {
  job: GeometryJob;
  settings: AnalysisSettings;
  /** Number of units of the layer. */
  units: number;
}

/** The job of a question about the page's network. */
export function layerJob({ moment, selection, settings, layer }: LayerQuestion): LayerJob {
  const { images, labels } = selection;
  const { projection, seed } = settings;
  const units = sizeOf(shapeAt(moment.network, layer));
  return { job: { moment, images, labels, layer, projection, seed }, settings, units };
}

/** Shares of the time for the mean-field figures: of all figures, and of all errors. */
const MEAN_FIELD_PART = 0.2;

/** Computes a layer's figures on workers of the pool. */
export async function analyzeLayer(
  pool: GeometryPool,
  { job, settings }: LayerJob,
  warmStart: Matrix[],
  watched: Watched,
): Promise<LayerGeometry> {
  const { kappa, samples, rule, restarts, estimator } = settings;
  const part = estimator === 'meanField' ? 1 : MEAN_FIELD_PART;
  const search = { rule, restarts, warmStart };
  const result = await pool.analyze({ job, kappa, samples, search }, partOf(watched, 0, part));
  const further = await estimateFurther(pool, job, settings, result, partOf(watched, part, 1));
  return { ...result, ...further };
}

/** Computes the errors over images of a layer's figures, which takes about ten times as long as the figures. */
export async function resampleLayer(
  pool: GeometryPool,
  { job, settings, units }: LayerJob,
  { kind, draws }: Redraws,
  result: LayerGeometry,
  watched: Watched,
): Promise<LayerGeometry> {
  const { kappa, samples: own, rule, restarts } = settings;
  const samples = samplesOfResample(own, units);
  const search = { rule, restarts: Math.min(restarts, RESAMPLE_RESTARTS), warmStart: result.warmStart };
  const { glue } = result;
  const part = glue ? MEAN_FIELD_PART : 1;
  const resamples = await pool.resample({ job, draws, kappa, samples, search }, partOf(watched, 0, part));
  const withErrors = {
    ...result,
    exampleErrors: imageErrors(resamples),
    resampled: { kind, samples, resamples },
  };
  if (!glue) return withErrors;
  const further = { job, draws, kind, samples };
  return { ...withErrors, glue: await resampleGlue(pool, further, glue, partOf(watched, part, 1)) };
}

/** The figures' share of the time for figures and errors. */
const FIGURES_PART = 0.15;

/**
 * Computes a layer's figures and their errors over images.
 * @param redraws called for the errors only.
 */
export async function analyzeWithErrors(
  pool: GeometryPool,
  job: LayerJob,
  redraws: () => Redraws | Promise<Redraws>,
  watched: Watched,
): Promise<LayerGeometry> {
  if (job.settings.resamples === 0) return analyzeLayer(pool, job, [], watched);
  const figures = await analyzeLayer(pool, job, [], partOf(watched, 0, FIGURES_PART));
  return resampleLayer(pool, job, await redraws(), figures, partOf(watched, FIGURES_PART, 1));
}
