import { Json, type JsonValue } from '../../ml/formats/json.ts';
import type { RunContent } from '../../ml/formats/runContent.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import { nextTask } from '../../workers/nextTask.ts';
import type { KeptResult } from '../../workers/runStorage.ts';
import { type GeometryFinding, geometryKey, geometryValue, readGeometry } from './geometryFinding.ts';
import { type MetamersFinding, metamersValue, readMetamers } from './metamersFinding.ts';
import {
  type OverTrainingFinding,
  overTrainingKey,
  overTrainingValue,
  type RobustnessFinding,
  readOverTraining,
  readRobustness,
  robustnessKey,
  robustnessValue,
} from './robustnessFinding.ts';

/**
 * What the panels found about a run, of the kinds that are kept with it. Each has a key within its run (what is found again
 * takes the place of what was), and is plain JSON in the run's file and in IndexedDB.
 */
export type Finding = GeometryFinding | RobustnessFinding | OverTrainingFinding | MetamersFinding;

/** What a finding must fit. */
export interface RunSoFar {
  network: NetworkDescription;
  /** Where the run stands. */
  step: number;
}

/** Kinds in a run's file, each as `results/KIND.json`. */
const KINDS = ['geometry', 'robustness', 'overTraining', 'metamers'] as const;
/** Raise it when an older page could no longer read what is written. */
const VERSION = 1;
const MOST_FINDINGS = 20_000;
/** Findings read before the page gets a turn. */
const SLICE = 25;

export function keyOf(finding: Finding): string {
  switch (finding.kind) {
    case 'geometry':
      return `${finding.kind} ${geometryKey(finding)}`;
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

function readFinding(kind: Finding['kind'], json: Json, run: RunSoFar): Finding {
  switch (kind) {
    case 'geometry':
      return readGeometry(json, run);
    case 'robustness':
      return readRobustness(json, run);
    case 'overTraining':
      return readOverTraining(json, run);
    case 'metamers':
      return readMetamers(json, run);
    default:
      return kind satisfies never;
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

/**
 * Reads the results of a file, which may be a stranger's. Those of a newer version, and of files from before results were read
 * again, are passed over.
 * @throws an Error that names the place that does not hold what it should.
 */
export async function readResultsFile(file: RunContent['results'], run: RunSoFar): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const kind of KINDS) {
    const value = file[kind];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    const json = new Json(value, `results/${kind}.json`);
    const version = json.optional('version')?.whole({ min: 1 });
    if (version !== VERSION) continue;
    for (const [i, found] of json.get('found').list(MOST_FINDINGS).entries()) {
      if (i % SLICE === SLICE - 1) await nextTask();
      findings.push(readFinding(kind, found, run));
    }
  }
  return findings;
}

/** Reads kept results, in the order in which they were found. What is damaged is left out: it can be found again. */
export async function readKeptResults(results: readonly KeptResult[], run: RunSoFar): Promise<Finding[]> {
  const findings: Finding[] = [];
  const inOrder = [...results].sort((a, b) => a.found - b.found);
  for (const [i, { key, kind, value }] of inOrder.entries()) {
    if (i % SLICE === SLICE - 1) await nextTask();
    const known = KINDS.find((each) => each === kind);
    if (!known) continue;
    try {
      findings.push(readFinding(known, new Json(value, key), run));
    } catch {
      // Damaged, or of a version of the page that wrote it otherwise.
    }
  }
  return findings;
}
