import { boolean, number, oneOf, optional, record, whole } from '../../ml/formats/schema.ts';
import { ENSEMBLES, GLUE_FIGURES } from '../../ml/geometry/index.ts';
import { resampledSchema } from './resampledSchema.ts';

/** The figures may be infinite: capacity if no t touches a manifold, radius if all anchors are the same. */
const figures = {
  capacity: number(),
  dimension: number(),
  radius: number(),
  utility: number(),
  centerAlignment: number(),
  centerAlignmentCosine: number(),
  axisAlignment: number(),
  axisAlignmentCosine: number(),
  centerAxisAlignment: number(),
  centerAxisAlignmentCosine: number(),
};

const fewShot = record({
  shots: whole({ min: 1 }),
  error: number(),
  standardError: number(),
  theory: number(),
  radius: number(),
  dimension: number(),
  distance: number(),
});

/** GLUE's figures of a layer, within the layer's geometry. */
export const glueSchema = record({
  ensemble: oneOf(...ENSEMBLES),
  center: boolean(),
  ...figures,
  standardErrors: record(figures),
  inseparableShare: number(),
  rank: whole(),
  dimensions: whole({ min: 1 }),
  lowestCapacity: number(),
  samples: whole({ min: 1 }),
  worstViolation: number(),
  companions: record({ neuralCollapse: number(), fewShot: optional(fewShot) }),
  imageErrors: optional(record(figures)),
  resampled: optional(resampledSchema(GLUE_FIGURES)),
});
