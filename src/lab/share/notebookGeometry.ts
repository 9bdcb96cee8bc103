import type { StoreApi } from 'zustand/vanilla';
import type { NotebookGeometry } from '../../ml/formats/notebook.ts';
import type { LayerGlue } from '../../workers/geometryProtocol.ts';
import { type GeometryResults, resultAt } from '../geometry/geometryFinding.ts';
import type { GeometryFollow } from '../geometry/geometryFollow.ts';
import type { GeometryQuestion } from '../geometry/geometryQuestion.ts';
import { selectForGeometry } from '../geometry/geometrySelection.ts';
import { checkGeometry, type GeometryOptions } from '../geometry/geometrySettings.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabMoment, LabState } from '../state/state.ts';

/** Samples of GLUE that are computed for the notebook where the panel has none. */
const GLUE_SAMPLES = 100;

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
  const settings = { ...chosen, estimator: 'meanField' as const, projection: undefined, resamples: 0 };
  const known: GeometryResults = chosen.projection === undefined ? results : new Map();
  const state = lab.store.getState();
  const { split, kappa, samples } = settings;
  const draw = settings.indices === undefined ? settings.draw : 'given';
  let indices: Int32Array;
  try {
    ({ indices } = selectForGeometry(state, checkGeometry(state, settings)));
  } catch (error) {
    // A small data set may have too few images of a class: the notebook then says so.
    const reason = sentenceOf(error);
    const missing = settings.layers.map((layer) => ({ layer, reason }));
    return { split, draw, indices: [], kappa, samples, layers: [], missing };
  }
  const layers: NotebookGeometry['layers'] = [];
  const missing: NotebookGeometry['missing'] = [];
  const figures = await Promise.allSettled(
    settings.layers.map(async (layer) => {
      const ask = async (own: GeometryOptions) =>
        (await lab.analysis.geometryOf(moment, { ...settings, ...own, layers: [layer] }))[layer];
      const meanField = resultAt(known, layer, moment.step) ?? (await ask({}));
      if (meanField.glue) return meanField;
      const samples = Math.min(settings.samples, GLUE_SAMPLES);
      return { ...meanField, glue: (await ask({ estimator: 'glue', samples })).glue };
    }),
  );
  for (const [i, layer] of settings.layers.entries()) {
    const found = figures[i];
    if (found.status === 'rejected') {
      missing.push({ layer, reason: sentenceOf(found.reason) });
    } else {
      const { capacity, radius, dimension, centerCorrelation } = found.value;
      const glue = found.value.glue && glueOf(found.value.glue);
      layers.push({ layer, capacity, radius, dimension, centerCorrelation, glue });
    }
  }
  return { split, draw, indices, kappa, samples, layers, missing };
}

function glueOf({ ensemble, center, capacity, dimension, radius, utility, standardErrors }: LayerGlue) {
  return { ensemble, center, capacity, dimension, radius, utility, error: standardErrors.capacity };
}
