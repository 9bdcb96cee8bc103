import type { StoreApi } from 'zustand/vanilla';
import type { NotebookGeometry } from '../../ml/formats/notebook.ts';
import { type GeometryResults, resultAt } from '../geometry/geometryFinding.ts';
import type { GeometryFollow } from '../geometry/geometryFollow.ts';
import { checkGeometry, type GeometryQuestion, selectForGeometry } from '../geometry/geometryQuestion.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState } from '../state/state.ts';

/**
 * The figures for the notebook to reproduce with the reference code: the Geometry panel's at this moment, computed now if
 * missing. Layers without geometry, for instance with only dead units, are listed with the reason.
 */
export async function notebookGeometry(
  lab: {
    store: StoreApi<LabState>;
    geometry: Pick<GeometryFollow, 'store'>;
    analysis: Pick<GeometryQuestion, 'geometryOf'>;
  },
  moment: LabMoment,
): Promise<NotebookGeometry> {
  const { results, settings: chosen } = lab.geometry.store.getState();
  const settings = { ...chosen, projection: undefined, resamples: 0 };
  const known: GeometryResults = chosen.projection === undefined ? results : new Map();
  const state = lab.store.getState();
  const { indices } = selectForGeometry(state, checkGeometry(state, settings));
  const layers: NotebookGeometry['layers'] = [];
  const missing: NotebookGeometry['missing'] = [];
  const figures = await Promise.allSettled(
    settings.layers.map(
      async (layer) =>
        resultAt(known, layer, moment.step) ??
        (await lab.analysis.geometryOf(moment, { ...settings, layers: [layer] }))[layer],
    ),
  );
  for (const [i, layer] of settings.layers.entries()) {
    const found = figures[i];
    if (found.status === 'rejected') {
      missing.push({ layer, reason: sentenceOf(found.reason) });
    } else {
      const { capacity, radius, dimension, centerCorrelation } = found.value;
      layers.push({ layer, capacity, radius, dimension, centerCorrelation });
    }
  }
  const { split, kappa, samples } = settings;
  const draw = settings.indices === undefined ? settings.draw : 'given';
  return { split, draw, indices, kappa, samples, layers, missing };
}
