import type { StoreApi } from 'zustand/vanilla';
import type { DataSet } from '../../ml/data/dataset.ts';
import type { Matrix } from '../../ml/linear/matrix.ts';
import type { LayerGeometry } from '../../workers/geometryProtocol.ts';
import type { Selection } from '../ask/selection.ts';
import type { Watched } from '../ask/watched.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import { settingsKey } from './analysisSettings.ts';
import { type GeometryResults, resultAt } from './geometryFinding.ts';
import type { GeometryPool } from './geometryPool.ts';
import { type Redraws, redrawsFor, selectForGeometry } from './geometrySelection.ts';
import { checkGeometry } from './geometrySettings.ts';
import { analyzeLayer, layerJob, resampleLayer } from './layerAnalysis.ts';
import type { GeometrySettings, Task } from './schedule.ts';

interface Parts {
  labStore: StoreApi<LabState>;
  pool: GeometryPool;
  momentAt(at: Moment): Promise<LabMoment>;
}

/** The network at a step shown by Geometry: a snapshot, or the live network, whose step may be later. */
export function networkAt(
  step: number,
  { labStore, momentAt }: Pick<Parts, 'labStore' | 'momentAt'>,
): Promise<LabMoment> {
  const isSnapshot = labStore.getState().snapshots.some((snapshot) => snapshot.step === step);
  return momentAt(isSnapshot ? step : 'live');
}

/** Creates a function that runs one task and resolves with the layer's result and its actual step. */
export function createTaskRunner({ labStore, pool, momentAt }: Parts) {
  let images: { key: string; data?: DataSet; selection: Selection; redraws: Redraws } | undefined;

  /** Caches the images of the newest data and settings, because drawing them takes longer than a small layer's figures. */
  function imagesOf(settings: GeometrySettings): { selection: Selection; redraws: Redraws } {
    const key = settingsKey(settings);
    const state = labStore.getState();
    const { data } = state;
    if (images?.key !== key || images.data !== data) {
      const checked = checkGeometry(state, settings);
      const selection = selectForGeometry(state, checked);
      images = { key, data, selection, redraws: redrawsFor(state, checked, selection) };
    }
    return images;
  }

  return async function runTask(
    { kind, layer, step }: Task,
    { settings, results }: { settings: GeometrySettings; results: GeometryResults },
    watched: Watched & { signal: AbortSignal },
  ): Promise<{ step: number; result: LayerGeometry; milliseconds: number }> {
    const { selection, redraws } = imagesOf(settings);
    const { step: found, ...moment } = await networkAt(step, { labStore, momentAt });
    watched.signal.throwIfAborted();
    const started = performance.now();
    const checked = checkGeometry(labStore.getState(), settings);
    const job = layerJob({ moment, selection, settings: checked, layer });
    const known = kind === 'errors' ? resultAt(results, layer, found) : undefined;
    const result = known
      ? await resampleLayer(pool, job, redraws, known, watched)
      : await analyzeLayer(pool, job, nearestWarmStart(results, layer, step), watched);
    return { step: found, result, milliseconds: performance.now() - started };
  };
}

/** The center problem's solution at the nearest moment, so that curves do not jump between minima. */
function nearestWarmStart(results: GeometryResults, layer: string, step: number): Matrix[] {
  let nearest: { distance: number; result: LayerGeometry } | undefined;
  for (const [other, result] of results.get(layer) ?? []) {
    const distance = Math.abs(other - step);
    if (!nearest || distance < nearest.distance) nearest = { distance, result };
  }
  return nearest?.result.warmStart ?? [];
}
