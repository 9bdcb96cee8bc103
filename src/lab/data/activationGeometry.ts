import { smallestClass } from '../../ml/data/classCounts.ts';
import { imageErrors, RESAMPLE_RESTARTS, RESAMPLE_SAMPLES } from '../../ml/geometry/index.ts';
import { sizeOf } from '../../ml/model/network.ts';
import type { Workers } from '../../workers/client.ts';
import type { LayerGeometry, ResampleDraw } from '../../workers/geometryProtocol.ts';
import type { ActivationInfo } from '../../workers/protocol.ts';
import type { Watched } from '../ask/watched.ts';
import { estimateFurther, resampleGlue } from '../geometry/estimators.ts';
import type { GeometryPool } from '../geometry/geometryPool.ts';
import type { GeometryAnswer } from '../geometry/geometryQuestion.ts';
import { type AnalysisSettings, checkAnalysis, type GeometryOptions } from '../geometry/geometrySettings.ts';
import { samplesOfResample } from '../geometry/layerAnalysis.ts';
import { type Chosen, checkLayerOf, draw, type Redraws, redrawsOf } from './activationChoice.ts';

/** Opened activations, and the worker that holds them. */
export interface OpenedActivations {
  worker: ReturnType<Workers['startActivations']>;
  info: ActivationInfo;
}

export type ActivationGeometryOptions = Omit<GeometryOptions, 'split'> & Watched;

interface Analysis {
  settings: AnalysisSettings;
  chosen: Chosen;
  redraws: Redraws;
}

/** The classes' geometry at each layer of another network's activations. */
export async function geometryOfActivations(
  source: OpenedActivations & { pool: GeometryPool },
  { layers, signal, onProgress, ...options }: ActivationGeometryOptions,
): Promise<Record<string, GeometryAnswer>> {
  const { info } = source;
  const smallest = smallestClass(info.labels, info.classNames.length);
  const settings = checkAnalysis({
    ...options,
    examplesPerClass: options.examplesPerClass ?? Math.max(4, Math.min(50, smallest)),
  });
  const names = layers ?? info.layers.map(({ name }) => name);
  for (const layer of names) checkLayerOf(info, layer, 'geometry');
  const chosen = draw(info, settings);
  const analysis = { settings, chosen, redraws: redrawsOf(info, settings, chosen) };
  const fractions = new Map<string, number>();
  const answers = await Promise.all(
    names.map(async (layer) => {
      const found = await analyzeLayer(source, layer, analysis, {
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
}

async function analyzeLayer(
  { worker, info, pool }: OpenedActivations & { pool: GeometryPool },
  layer: string,
  { settings, chosen, redraws }: Analysis,
  { signal, onProgress }: Watched,
): Promise<LayerGeometry> {
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
  for (const { seed: own, drawn } of redraws.draws) {
    draws.push({ seed: own, drawn: drawn && { labels: drawn.labels, rows: await rowsOf(drawn) } });
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
