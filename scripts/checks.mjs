import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * The data of the page's "How the numbers are checked": the newest measurements of every passing file in
 * tests/verify.
 */
const CHECKS = 'docs/checks.json';

/** @param results `{ name, passed, date, rows: [{ what, expected, measured }] }` by file in tests/verify. */
export function writeChecks(results) {
  const before = existsSync(CHECKS) ? JSON.parse(readFileSync(CHECKS, 'utf8')).files : {};
  const files = { ...before };
  for (const { name, passed, date, rows } of results) {
    if (passed && rows.length > 0) files[name.replace(/\.(verify\.test|spec)\.ts$/, '')] = { date, rows };
  }
  const sorted = Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(CHECKS, `${JSON.stringify({ files: sorted }, null, 2)}\n`);
}
