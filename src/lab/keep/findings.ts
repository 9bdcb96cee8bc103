import type { Json, JsonValue } from '../../ml/formats/json.ts';
import type { RunContent } from '../../ml/formats/runContent.ts';
import type { Schema } from '../../ml/formats/schema.ts';
import type { KeptResult } from '../../workers/storedRecords.ts';
import {
  overTrainingKey,
  overTrainingSchema,
  robustnessKey,
  robustnessSchema,
} from '../adversarial/robustnessFinding.ts';
import { geometryKey, geometrySchema } from '../geometry/geometryFinding.ts';
import { simulationKey, simulationSchema } from '../geometry/simulationFinding.ts';
import { metamersSchema } from '../metamers/metamersFinding.ts';
import type { RunSoFar } from '../state/runSoFar.ts';

/** How findings of a kind are stored: their schema, checked against a run, and the key that tells them apart. */
function entry<Kind extends string, Stored extends object>(
  kind: Kind,
  schema: (run?: RunSoFar) => Schema<Stored>,
  key: (stored: NoInfer<Stored>) => string,
) {
  return {
    key: (finding: Stored) => `${kind} ${key(finding)}`.trim(),
    /** @throws an Error that names the invalid field. */
    reader(run: RunSoFar) {
      const form = schema(run);
      return (json: Json): { kind: Kind } & Stored => ({ kind, ...form.read(json) });
    },
    json: (finding: Stored) => schema().write(finding),
  };
}

/**
 * The kinds of findings. A new kind is one entry here, and one in `restorePanels`. A run file stores each kind as
 * `results/KIND.json`.
 */
const KINDS = {
  geometry: entry('geometry', geometrySchema, geometryKey),
  simulation: entry('simulation', simulationSchema, simulationKey),
  robustness: entry('robustness', robustnessSchema, robustnessKey),
  overTraining: entry('overTraining', overTrainingSchema, overTrainingKey),
  // A run has only its latest metamers.
  metamers: entry('metamers', metamersSchema, () => ''),
};

export type Kind = keyof typeof KINDS;
type Stored<Own extends Kind> = Parameters<(typeof KINDS)[Own]['key']>[0];
/** A finding of one of these kinds. */
export type FindingOf<Own extends Kind> = { [Each in Own]: { kind: Each } & Stored<Each> }[Own];

/**
 * A panel's result that is saved with its run, as plain JSON in the run file and in IndexedDB. Each has a key within its
 * run; a new result replaces an old one with the same key.
 */
export type Finding = FindingOf<Kind>;

// The same table, in a form that lets TypeScript see that a finding and its entry belong together.
const ENTRIES: {
  [Own in Kind]: {
    key(finding: FindingOf<Own>): string;
    reader(run: RunSoFar): (json: Json) => FindingOf<Own>;
    json(finding: FindingOf<Own>): JsonValue;
  };
} = KINDS;

export const kinds = Object.keys(KINDS) as Kind[];
/** Increase when older pages can no longer read the format. */
export const VERSION = 1;

export function keyOf<Own extends Kind>(finding: FindingOf<Own>): string {
  return ENTRIES[finding.kind].key(finding);
}

function jsonOf<Own extends Kind>(finding: FindingOf<Own>): JsonValue {
  return ENTRIES[finding.kind].json(finding);
}

/** Reads findings of a kind about a run strictly. The reader throws an Error that names the invalid field. */
export function findingReader(kind: Kind, run: RunSoFar): (json: Json) => Finding {
  return ENTRIES[kind].reader(run);
}

/** A finding with what saving it takes, so that the ledger works without the table of kinds. */
export interface Savable {
  finding: Finding;
  /** Unique within its run. */
  key: string;
  /** The finding in its saved form. */
  result(found: number): KeptResult;
}

export function savable(finding: Finding): Savable {
  const { kind, step } = finding;
  const key = keyOf(finding);
  return { finding, key, result: (found) => ({ key, kind, step, found, value: jsonOf(finding) }) };
}

/** The results for a run file. */
export function resultsFile(findings: readonly Finding[]): RunContent['results'] {
  const file: RunContent['results'] = {};
  for (const kind of kinds) {
    const found = findings.filter((finding) => finding.kind === kind).map(jsonOf);
    if (found.length > 0) file[kind] = { version: VERSION, found };
  }
  return file;
}
