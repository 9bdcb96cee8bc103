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
 * What the panels found about a run, of the kinds that are kept with it. Each has a key within its run (what is found again
 * takes the place of what was), and is plain JSON in the run's file and in IndexedDB.
 */
export type Finding =
  | GeometryFinding
  | SimulationFinding
  | RobustnessFinding
  | OverTrainingFinding
  | MetamersFinding;

/** Kinds in a run's file, each as `results/KIND.json`. */
export const KINDS = ['geometry', 'simulation', 'robustness', 'overTraining', 'metamers'] as const;
/** Raise it when an older page could no longer read what is written. */
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

/** The finding as it is kept. */
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

/** The results for a run's file. */
export function resultsFile(findings: readonly Finding[]): RunContent['results'] {
  const file: RunContent['results'] = {};
  for (const kind of KINDS) {
    const found = findings.filter((finding) => finding.kind === kind).map(jsonOf);
    if (found.length > 0) file[kind] = { version: VERSION, found };
  }
  return file;
}
