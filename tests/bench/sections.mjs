import { readFileSync, writeFileSync } from 'node:fs';
import { LIVED_TITLE } from './lived/report.mjs';

const REPORT = 'BENCHMARKS.md';
export const GPU_TITLE = '## On a GPU';
export const GLUE_TITLE = '## GLUE in step with threads';
/** The sections at the report's end, which have commands of their own. */
const OWN = [GLUE_TITLE, GPU_TITLE, LIVED_TITLE];

/** Replaces one section of BENCHMARKS.md; a new one stands before those that have commands of their own. */
export function writeSection(section) {
  const [title] = section.split('\n');
  const parts = sectionsOf(readFileSync(REPORT, 'utf8'));
  const at = parts.findIndex((part) => part.startsWith(`${title}\n`));
  const first = parts.findIndex(isOwn);
  if (at >= 0) parts[at] = `${section}\n\n`;
  else parts.splice(first >= 0 ? first : parts.length, 0, `${section}\n\n`);
  writeFileSync(REPORT, `${parts.join('').trimEnd()}\n`);
}

/** Replaces BENCHMARKS.md, except for the sections that have commands of their own. */
export function writeReport(report) {
  const own = sectionsOf(readFileSync(REPORT, 'utf8')).filter(isOwn);
  writeFileSync(REPORT, `${[report.trimEnd(), ...own.map((section) => section.trimEnd())].join('\n\n')}\n`);
}

const sectionsOf = (report) => report.split(/^(?=## )/m);

function isOwn(section) {
  return OWN.some((title) => section.startsWith(title));
}
