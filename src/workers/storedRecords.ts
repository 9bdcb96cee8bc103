import { Json, type StoredValue } from '../ml/formats/json.ts';
import { engineId, runFields } from '../ml/formats/runManifest.ts';
import {
  anyJson,
  boolean,
  optional,
  record,
  type Schema,
  text,
  type ValueOf,
  whole,
} from '../ml/formats/schema.ts';

/** A saved run without its arrays. */
export const keptRun = record({
  ...runFields,
  id: text(100),
  name: text(),
  /** ISO 8601. */
  created: text(40),
  /** Milliseconds since 1970. */
  changed: whole(),
  /** Never deleted to free space. */
  pinned: boolean(),
  /** The page switched to another run, so a reload does not reopen this run. */
  left: boolean(),
  /** Deleted, but the deletion can still be undone. */
  deleted: boolean(),
  /**
   * The engine, so that a reload can say whether it computes the same bits. `arithmetic` is missing in runs of earlier
   * versions.
   */
  engine: optional(record({ id: engineId, description: text(), arithmetic: optional(text()) })),
  step: whole(),
  bytes: whole(),
});

export type KeptRun = ValueOf<typeof keptRun>;

/** A result of a panel about a run. */
export const keptResult = record({
  /** Unique within its run; a new result replaces an old result with the same key. */
  key: text(1_000_000),
  kind: text(),
  /** The step that the result is about. */
  step: whole(),
  /** Milliseconds since 1970. */
  found: whole(),
  /** The panel reads its own results. */
  value: anyJson,
});

export type KeptResult = ValueOf<typeof keptResult>;

/** Reads a stored record; undefined if it is missing, damaged, or of a newer version of the page. */
export function readStored<Value>(
  schema: Schema<Value, StoredValue>,
  stored?: StoredValue,
): Value | undefined {
  if (stored === undefined) return undefined;
  try {
    return schema.read(new Json(stored, 'record'));
  } catch {
    return undefined;
  }
}

/** Reads stored records and skips unreadable ones. */
export function readAllStored<Value>(
  schema: Schema<Value, StoredValue>,
  stored: readonly StoredValue[],
): Value[] {
  return stored.map((one) => readStored(schema, one)).filter((value) => value !== undefined);
}
