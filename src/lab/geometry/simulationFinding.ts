import { type JsonValue, numberValue } from '../../ml/formats/json.ts';
import type { SimulatedCapacity } from '../../ml/geometry/index.ts';
import { type AnalysisSettings, settingsKey, settingsValue } from './geometryFinding.ts';

/** A layer's capacity at a step, measured by simulation. The input layer's stands at step 0. */
export interface SimulationFinding {
  kind: 'simulation';
  settings: AnalysisSettings;
  step: number;
  layer: string;
  /** Whether the plane could have an offset from the mean of all points. */
  offset: boolean;
  result: SimulatedCapacity;
}

export function simulationKey({
  settings,
  layer,
  step,
  offset,
}: Omit<SimulationFinding, 'kind' | 'result'>): string {
  return `${settingsKey(settings)} ${layer} ${step}${offset ? ' offset' : ''}`;
}

export function simulationValue({ settings, layer, step, offset, result }: SimulationFinding): JsonValue {
  const { capacity, standardError, dimensions, fraction, dichotomies } = result;
  return {
    layer,
    step,
    offset,
    settings: settingsValue(settings),
    dichotomies,
    ...(capacity !== undefined && { capacity: numberValue(capacity) }),
    ...(standardError !== undefined && { standardError: numberValue(standardError) }),
    dimensions: [...dimensions],
    fraction: [...fraction],
  };
}
