import { CallError } from '../../ml/callError.ts';
import type { Json } from '../../ml/formats/json.ts';
import type { RunSoFar } from '../state/runSoFar.ts';
import { readAnalysisSettings } from './readGeometry.ts';
import type { SimulationFinding } from './simulationFinding.ts';

const MOST_DIMENSIONS = 100_000;
const MOST_DICHOTOMIES = 100_000;

/** @throws an Error that names the invalid field. */
export function readSimulation(json: Json, { network, step: last }: RunSoFar): SimulationFinding {
  const layer = json.get('layer').text(100);
  const dimensions = Int32Array.from(json.get('dimensions').list(MOST_DIMENSIONS), (item) =>
    item.whole({ min: 1, max: MOST_DIMENSIONS }),
  );
  const fraction = Float64Array.from(json.get('fraction').list(MOST_DIMENSIONS), (item) => item.number());
  if (fraction.length !== dimensions.length || !fraction.every((share) => share >= 0 && share <= 1)) {
    throw new CallError(
      'readSimulation',
      `expected a share from 0 to 1 for each of ${dimensions.length} dimensions, found others`,
    );
  }
  return {
    kind: 'simulation',
    settings: readAnalysisSettings(json.get('settings'), { network, layer }),
    step: json.get('step').whole({ max: layer === 'input' ? 0 : last }),
    layer,
    // Earlier versions only had planes through the mean.
    offset: json.optional('offset')?.boolean() ?? false,
    result: {
      capacity: json.optional('capacity')?.number(),
      standardError: json.optional('standardError')?.number(),
      dimensions,
      fraction,
      dichotomies: json.get('dichotomies').whole({ min: 1, max: MOST_DICHOTOMIES }),
    },
  };
}
