import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** What the page's "How the numbers are checked" shows: the newest measurements of every file of tests/verify that passed. */
const CHECKS = 'docs/checks.json';

/** @param results `{ name, passed, date, rows: [{ what, expected, measured }] }` by file of tests/verify. */
export function writeChecks(results) {
  const before = existsSync(CHECKS) ? JSON.parse(readFileSync(CHECKS, 'utf8')).files : {};
  const files = { ...before };
  for (const { name, passed, date, rows } of results) {
    if (passed && rows.length > 0) files[name.replace(/\.(verify\.test|spec)\.ts$/, '')] = { date, rows };
  }
  const sorted = Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(CHECKS, `${JSON.stringify({ files: sorted }, null, 2)}\n`);
}
