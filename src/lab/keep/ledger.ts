import type { ResultsChange } from '../../workers/runStorage.ts';
import type { Finding, Savable } from './findings.ts';

/** All findings about the page's run, and the changes that are not written yet. */
export interface Ledger {
  /** In order of discovery. */
  all(): Finding[];
  note(finding: Savable): void;
  /** Removes findings by their keys. */
  forget(keys: readonly string[]): void;
  /** Starts another run, with findings if it was saved or comes from a file. */
  begin(findings?: readonly Savable[], options?: { written: boolean }): void;
  /** Keeps the findings for a copy of the run, of which nothing is written yet. */
  copy(): void;
  /** The run continues from an earlier step. */
  wentBack(step: number): void;
  /** Takes the changes to write, about steps up to the last checkpoint, and marks them as written. */
  takeChange(step: number): ResultsChange | undefined;
  /** Marks a change as not written after a failure. */
  missed(change: ResultsChange): void;
}

export function createLedger(): Ledger {
  /** In order of discovery. */
  const known = new Map<string, Savable & { found: number }>();
  const unwritten = new Set<string>();
  const forgotten = new Set<string>();

  function note(savable: Savable): void {
    const { key } = savable;
    known.delete(key);
    known.set(key, { ...savable, found: Date.now() });
    unwritten.add(key);
    forgotten.delete(key);
  }

  function begin(findings: readonly Savable[] = [], { written } = { written: false }): void {
    for (const each of [known, unwritten, forgotten]) each.clear();
    for (const finding of findings) note(finding);
    if (written) unwritten.clear();
  }

  return {
    all: () => [...known.values()].map(({ finding }) => finding),
    note,
    forget(keys) {
      for (const key of keys) {
        known.delete(key);
        unwritten.delete(key);
        forgotten.add(key);
      }
    },
    begin,
    copy: () => begin([...known.values()]),
    wentBack(step) {
      for (const [key, { finding }] of [...known]) {
        if (finding.step <= step) continue;
        known.delete(key);
        unwritten.delete(key);
      }
    },
    takeChange(step) {
      const ready = [...unwritten].flatMap((key) => {
        const one = known.get(key);
        return one && one.finding.step <= step ? [one.result(one.found)] : [];
      });
      if (ready.length === 0 && forgotten.size === 0) return undefined;
      const change = { results: ready, forgotten: [...forgotten] };
      for (const { key } of ready) unwritten.delete(key);
      forgotten.clear();
      return change;
    },
    missed(change) {
      for (const { key } of change.results) if (known.has(key)) unwritten.add(key);
      for (const key of change.forgotten) if (!known.has(key)) forgotten.add(key);
    },
  };
}
