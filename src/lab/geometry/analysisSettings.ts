import { AUGMENTATIONS } from '../../ml/data/augment.ts';
import { boolean, converted, list, number, oneOf, optional, record, whole } from '../../ml/formats/schema.ts';
import { CENTER_RULES, ENSEMBLES } from '../../ml/geometry/index.ts';
import { DRAWS } from '../ask/selection.ts';
import { ESTIMATORS } from './estimators.ts';
import { type AnalysisSettings, checkAnalysis, MOST_INDICES } from './geometrySettings.ts';

// The order of the properties stays: `settingsKey` identifies stored figures.
const stored = record({
  split: optional(oneOf('train', 'test')),
  draw: optional(oneOf(...DRAWS)),
  examplesPerClass: optional(whole()),
  indices: optional(list(whole(), MOST_INDICES)),
  kappa: number(),
  samples: whole(),
  resamples: whole(),
  rule: optional(oneOf(...CENTER_RULES)),
  restarts: optional(whole()),
  seed: whole(),
  projection: optional(whole()),
  estimator: optional(oneOf(...ESTIMATORS)),
  ensemble: optional(oneOf(...ENSEMBLES)),
  center: optional(boolean()),
  augment: optional(record({ kind: oneOf(...AUGMENTATIONS), reach: number() })),
});

/** The settings of an analysis. With given images, the draw and its count do not matter and are left out. */
export const settingsSchema = converted(stored, {
  // Earlier versions always drew by the seed and did not store the draw.
  read: ({ draw, ...settings }) =>
    checkAnalysis({ ...settings, draw: draw ?? (settings.indices ? 'notebook' : 'seeded') }),
  write: ({ indices, draw, examplesPerClass, estimator, ensemble, center, ...settings }) => ({
    ...settings,
    // Earlier versions knew mean-field theory alone. The ensemble and the centering belong to GLUE's figures.
    ...(estimator === 'meanField' ? {} : { estimator }),
    ...(estimator === 'glue' ? { ensemble, center } : {}),
    ...(indices ? { indices: Array.from(indices) } : { draw, examplesPerClass }),
    // For given images, the count matters only as the number of views per image.
    ...(settings.augment ? { examplesPerClass } : {}),
  }),
});

/** Equal for settings with comparable figures. */
export function settingsKey(settings: AnalysisSettings): string {
  return JSON.stringify(settingsSchema.write(settings));
}
