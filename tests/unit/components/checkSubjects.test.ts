import { expect, it } from 'vitest';
import checks from '../../../docs/checks.json';
import { subjects } from '../../../src/components/trust/checkSubjects.ts';

const files: Record<string, { rows: { what: string }[] } | undefined> = checks.files;
const claims = subjects.flatMap(({ title, claims, files: names }) =>
  claims.map(({ text, rows }) => ({ title, text, rows, names })),
);

it.each(claims)('$title: “$text” is shown by a recorded row', ({ rows, names }) => {
  const recorded = names.flatMap((name) => files[name]?.rows ?? []);
  expect(recorded.filter(({ what }) => rows.test(what)).length).toBeGreaterThan(0);
});

it('every recorded row is shown under a subject', () => {
  const shown = new Set(subjects.flatMap(({ files: names }) => names));
  expect(Object.keys(files).filter((name) => !shown.has(name))).toEqual([]);
});
