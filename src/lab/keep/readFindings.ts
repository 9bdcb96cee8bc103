import { Json } from '../../ml/formats/json.ts';
import type { RunContent } from '../../ml/formats/runContent.ts';
import { nextTask } from '../../workers/nextTask.ts';
import type { KeptResult } from '../../workers/runStorage.ts';
import { readOverTraining, readRobustness } from '../adversarial/readRobustness.ts';
import { readGeometry } from '../geometry/readGeometry.ts';
import { readSimulation } from '../geometry/readSimulation.ts';
import { readMetamers } from '../metamers/readMetamers.ts';
import type { RunSoFar } from '../state/runSoFar.ts';
import { type Finding, KINDS, VERSION } from './findings.ts';

const MOST_FINDINGS = 20_000;
/** Findings read before the page gets a turn. */
const SLICE = 25;

function readFinding(kind: Finding['kind'], json: Json, run: RunSoFar): Finding {
  switch (kind) {
    case 'geometry':
      return readGeometry(json, run);
    case 'simulation':
      return readSimulation(json, run);
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
