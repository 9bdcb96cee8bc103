import { smallestClass } from '../../ml/data/classCounts.ts';
import { sizeOf } from '../../ml/model/network.ts';
import type { Workers } from '../../workers/client.ts';
import type { LayerGeometry, ResampleDraw } from '../../workers/geometryProtocol.ts';
import type { ActivationInfo } from '../../workers/protocol.ts';
import type { Watched } from '../ask/watched.ts';
import type { GeometryPool } from '../geometry/geometryPool.ts';
import { answerLayers, type GeometryAnswer } from '../geometry/geometryQuestion.ts';
import type { Redraws } from '../geometry/geometrySelection.ts';
import { type AnalysisSettings, checkAnalysis, type GeometryOptions } from '../geometry/geometrySettings.ts';
import { analyzeWithErrors } from '../geometry/layerAnalysis.ts';
import { type Chosen, type ChosenRedraws, checkLayerOf, draw, redrawsOf } from './activationChoice.ts';

/** Opened activations, and the worker that holds them. */
export interface OpenedActivations {
  worker: ReturnType<Workers['startActivations']>;
  info: ActivationInfo;
}

export type ActivationGeometryOptions = Omit<GeometryOptions, 'split'> & Watched;

interface Analysis {
  settings: AnalysisSettings;
  chosen: Chosen;
  redraws: ChosenRedraws;
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
  return answerLayers(names, { step: 0, signal, onProgress }, (layer, watched) =>
    analyzeLayer(source, layer, analysis, watched),
  );
}

async function analyzeLayer(
  { worker, info, pool }: OpenedActivations & { pool: GeometryPool },
  layer: string,
  { settings, chosen, redraws }: Analysis,
  watched: Watched,
): Promise<LayerGeometry> {
  const { projection, seed } = settings;
  const { signal } = watched;
  const rowsOf = ({ indices }: Chosen) => worker.call('rows', { layer, indices }, { signal });
  const job = { rows: await rowsOf(chosen), labels: chosen.labels, layer, projection, seed };
  const shape = info.layers.find(({ name }) => name === layer)?.shape ?? [];
  async function readRedraws(): Promise<Redraws> {
    const draws: ResampleDraw[] = [];
    for (const { seed: own, drawn } of redraws.draws) {
      draws.push({ seed: own, drawn: drawn && { labels: drawn.labels, rows: await rowsOf(drawn) } });
    }
    return { kind: redraws.kind, draws };
  }
  return analyzeWithErrors(pool, { job, settings, units: sizeOf(shape) }, readRedraws, watched);
}
