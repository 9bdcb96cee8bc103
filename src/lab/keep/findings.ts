import type { JsonValue } from '../../ml/formats/json.ts';
import type { RunContent } from '../../ml/formats/runContent.ts';
import type { KeptResult } from '../../workers/runStorage.ts';
import {
  type OverTrainingFinding,
  overTrainingKey,
  overTrainingValue,
  type RobustnessFinding,
  robustnessKey,
  robustnessValue,
} from '../adversarial/robustnessFinding.ts';
import { type GeometryFinding, geometryKey, geometryValue } from '../geometry/geometryFinding.ts';
import { type SimulationFinding, simulationKey, simulationValue } from '../geometry/simulationFinding.ts';
import { type MetamersFinding, metamersValue } from '../metamers/metamersFinding.ts';

/**
 * A panel's result that is saved with its run, as plain JSON in the run file and in IndexedDB. Each has a key within its
 * run; a new result replaces an old one with the same key.
 */
export type Finding =
  | GeometryFinding
  | SimulationFinding
  | RobustnessFinding
  | OverTrainingFinding
  | MetamersFinding;

/** Kinds of findings; a run file stores each kind as `results/KIND.json`. */
export const KINDS = ['geometry', 'simulation', 'robustness', 'overTraining', 'metamers'] as const;
/** Increase when older pages can no longer read the format. */
export const VERSION = 1;

export function keyOf(finding: Finding): string {
  switch (finding.kind) {
    case 'geometry':
      return `${finding.kind} ${geometryKey(finding)}`;
    case 'simulation':
      return `${finding.kind} ${simulationKey(finding)}`;
    case 'robustness':
      return `${finding.kind} ${robustnessKey(finding)}`;
    case 'overTraining':
      return `${finding.kind} ${overTrainingKey(finding)}`;
    case 'metamers':
      return finding.kind;
    default:
      return finding satisfies never;
  }
}

/** The finding in its saved form. */
export function resultOf(finding: Finding, found: number): KeptResult {
  const { kind, step } = finding;
  return { key: keyOf(finding), kind, step, found, value: jsonOf(finding) };
}

function jsonOf(finding: Finding): JsonValue {
  switch (finding.kind) {
    case 'geometry':
      return geometryValue(finding);
    case 'simulation':
      return simulationValue(finding);
    case 'robustness':
      return robustnessValue(finding);
    case 'overTraining':
      return overTrainingValue(finding);
    case 'metamers':
      return metamersValue(finding);
    default:
      return finding satisfies never;
  }
}

/** The results for a run file. */
export function resultsFile(findings: readonly Finding[]): RunContent['results'] {
  const file: RunContent['results'] = {};
  for (const kind of KINDS) {
    const found = findings.filter((finding) => finding.kind === kind).map(jsonOf);
    if (found.length > 0) file[kind] = { version: VERSION, found };
  }
  return file;
}
