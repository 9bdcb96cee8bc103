import type { Json } from '../../ml/formats/json.ts';
import {
  added,
  boolean,
  checked,
  converted,
  float64s,
  list,
  number,
  optional,
  record,
  whole,
} from '../../ml/formats/schema.ts';
import type { SimulatedCapacity } from '../../ml/geometry/index.ts';
import { doneStep, type Found, layerName, type RunSoFar } from '../state/runSoFar.ts';
import { settingsKey, settingsSchema } from './analysisSettings.ts';
import type { AnalysisSettings } from './geometrySettings.ts';

const MOST_DIMENSIONS = 100_000;
const MOST_DICHOTOMIES = 100_000;

/** A layer's capacity at a step, measured by simulation. The input layer's capacity is stored at step 0. */
interface Simulated {
  settings: AnalysisSettings;
  step: number;
  layer: string;
  /** Whether the plane could have an offset from the mean of all points. */
  offset: boolean;
  result: SimulatedCapacity;
}

const dimensions = converted(list(whole({ min: 1, max: MOST_DIMENSIONS }), MOST_DIMENSIONS), {
  read: (values): Int32Array => Int32Array.from(values),
  write: (values) => [...values],
});

const simulatedFields = {
  dichotomies: whole({ min: 1, max: MOST_DICHOTOMIES }),
  capacity: optional(number()),
  standardError: optional(number()),
  dimensions,
  fraction: float64s(MOST_DIMENSIONS),
};

function checkShares(
  { dimensions: found, fraction }: Pick<SimulatedCapacity, 'dimensions' | 'fraction'>,
  json: Json,
): void {
  if (fraction.length !== found.length || !fraction.every((share) => share >= 0 && share <= 1)) {
    throw json.get('fraction').fault(`a share from 0 to 1 for each of ${found.length} dimensions`);
  }
}

/** A simulation within a layer's geometry. */
export const simulatedSchema = converted(checked(record(simulatedFields), checkShares), {
  read: ({ capacity, standardError, ...result }): SimulatedCapacity => ({
    capacity,
    standardError,
    ...result,
  }),
  write: (result) => result,
});

const stored = (run?: RunSoFar) =>
  checked(
    record({
      layer: layerName(run),
      step: doneStep(run),
      // Earlier versions only had planes through the mean.
      offset: added(boolean(), false),
      settings: settingsSchema,
      ...simulatedFields,
    }),
    (value, json) => {
      if (value.layer === 'input') json.get('step').whole({ max: 0 });
      checkShares(value, json);
    },
  );

export const simulationSchema = (run?: RunSoFar) =>
  converted(stored(run), {
    read: ({ layer, step, offset, settings, capacity, standardError, ...result }): Simulated => ({
      settings,
      step,
      layer,
      offset,
      result: { capacity, standardError, ...result },
    }),
    write: ({ result, ...simulated }) => ({ ...simulated, ...result }),
  });
export type SimulationFinding = Found<'simulation', typeof simulationSchema>;

export function simulationKey({ settings, layer, step, offset }: Omit<Simulated, 'result'>): string {
  return `${settingsKey(settings)} ${layer} ${step}${offset ? ' offset' : ''}`;
}
