import { Json } from '../../ml/formats/json.ts';
import type { RunContent } from '../../ml/formats/runContent.ts';
import { nextTask } from '../../workers/nextTask.ts';
import type { KeptResult } from '../../workers/storedRecords.ts';
import type { RunSoFar } from '../state/runSoFar.ts';
import { type Finding, findingReader, kinds, VERSION } from './findings.ts';

const MOST_FINDINGS = 20_000;
/** Number of findings to read before yielding to the page. */
const SLICE = 25;

/**
 * Reads the results of a file from any source. Results of a newer version, and of files older than this format, are
 * skipped.
 * @throws an Error that names the invalid field.
 */
export async function readResultsFile(file: RunContent['results'], run: RunSoFar): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const kind of kinds) {
    const value = file[kind];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    const json = new Json(value, `results/${kind}.json`);
    const version = json.optional('version')?.whole({ min: 1 });
    if (version !== VERSION) continue;
    const read = findingReader(kind, run);
    for (const [i, found] of json.get('found').list(MOST_FINDINGS).entries()) {
      if (i % SLICE === SLICE - 1) await nextTask();
      findings.push(read(found));
    }
  }
  return findings;
}

/** Reads saved results in order of discovery. Damaged results are skipped, because they can be recomputed. */
export async function readKeptResults(results: readonly KeptResult[], run: RunSoFar): Promise<Finding[]> {
  const findings: Finding[] = [];
  const readers = new Map(
    kinds.map((kind): [string, (json: Json) => Finding] => [kind, findingReader(kind, run)]),
  );
  const inOrder = [...results].sort((a, b) => a.found - b.found);
  for (const [i, { key, kind, value }] of inOrder.entries()) {
    if (i % SLICE === SLICE - 1) await nextTask();
    const read = readers.get(kind);
    if (!read) continue;
    try {
      findings.push(read(new Json(value, key)));
    } catch {
      // Damaged, or written by another version of the page.
    }
  }
  return findings;
}
