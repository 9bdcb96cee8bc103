import { CallError } from '../../ml/callError.ts';
import type { Json } from '../../ml/formats/json.ts';
import { checkEpsilon } from '../state/attackSettings.ts';
import type { RunSoFar } from '../state/runSoFar.ts';
import type { AttackManner, OverTrainingFinding, RobustnessFinding } from './robustnessFinding.ts';

const MOST_IMAGES = 60_000;
const MOST_POINTS = 1000;

/** @throws an Error that names the invalid field. */
export function readRobustness(json: Json, { step: last }: RunSoFar): RobustnessFinding {
  const norm = json.get('norm').oneOf('linf', 'l2');
  return {
    kind: 'robustness',
    step: json.get('step').whole({ max: last }),
    drawn: json.get('drawn').whole(),
    ...readManner(json, norm),
    count: json.get('count').whole({ min: 1, max: MOST_IMAGES }),
    points: json
      .get('points')
      .list(MOST_POINTS)
      .map((point) => ({
        epsilon: readEpsilon(point, norm),
        ...readCounts(point),
        ...(point.optional('reachedTarget') && { reachedTarget: point.get('reachedTarget').whole() }),
      })),
  };
}

/** @throws an Error that names the invalid field. */
export function readOverTraining(json: Json, { step: last }: RunSoFar): OverTrainingFinding {
  const attack = json.get('attack');
  const norm = attack.get('norm').oneOf('linf', 'l2');
  const count = attack.get('count').whole({ min: 1, max: MOST_IMAGES });
  const { count: _, ...counts } = readCounts(json, count);
  return {
    kind: 'overTraining',
    step: json.get('step').whole({ max: last }),
    attack: {
      ...readManner(attack, norm),
      epsilon: readEpsilon(attack, norm),
      randomStart: attack.get('randomStart').boolean(),
      count,
    },
    ...counts,
  };
}

function readManner(json: Json, norm: 'linf' | 'l2'): AttackManner {
  const stepSize = json.optional('stepSize')?.number();
  if (stepSize !== undefined && !(stepSize >= 0 && stepSize <= 1)) {
    throw new CallError('readRobustness', `expected a step size from 0 to 1, found ${stepSize}`);
  }
  return {
    method: json.get('method').oneOf('fgsm', 'pgd'),
    norm,
    steps: json.optional('steps')?.whole({ min: 1, max: 1000 }),
    stepSize,
    randomStart: json.optional('randomStart')?.boolean(),
    target: json.optional('target')?.whole({ max: 1000 }),
  };
}

function readEpsilon(json: Json, norm: 'linf' | 'l2'): number {
  const epsilon = json.get('epsilon').number();
  checkEpsilon(epsilon, norm);
  return epsilon;
}

function readCounts(json: Json, known?: number) {
  const count = known ?? json.get('count').whole({ min: 1, max: MOST_IMAGES });
  const share = { max: count };
  return {
    correctBefore: json.get('correctBefore').whole(share),
    correct: json.get('correct').whole(share),
    correctAs8Bit: json.get('correctAs8Bit').whole(share),
    count,
  };
}
