import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resultsFile } from '../../../../src/lab/keep/findings.ts';
import { readResultsFile } from '../../../../src/lab/keep/readFindings.ts';
import type { JsonValue } from '../../../../src/ml/formats/json.ts';
import { readRunFile } from '../../../../src/ml/formats/runFile.ts';
import { notebookNetwork } from '../../../../src/ml/model/network.ts';
import { earlierRunFile } from '../../../fixtures/earlier.ts';
import { findings, geometry, robustness, run } from './examples.ts';

/** Results after a round trip through JSON. */
const throughText = (file: { [name: string]: JsonValue }): { [name: string]: JsonValue } =>
  JSON.parse(JSON.stringify(file));

/** Every place in a value, as a path of keys. */
function placesIn(value: JsonValue, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...inner.flatMap(([key, item]) => placesIn(item, [...path, key]))];
}

/** The value with a replacement at a place; undefined removes the place. */
function withAt(
  value: JsonValue,
  [key, ...rest]: (string | number)[],
  other: JsonValue | undefined,
): JsonValue {
  if (key === undefined) return other ?? null;
  if (Array.isArray(value)) {
    const items = value.map((item, i) => (i === key ? withAt(item, rest, other) : item));
    return rest.length === 0 && other === undefined ? items.filter((_, i) => i !== key) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const { [String(key)]: inner, ...others } = value;
  if (rest.length === 0 && other === undefined) return others;
  return { ...others, [String(key)]: withAt(inner ?? null, rest, other) };
}

describe('the results of a run', () => {
  it('survive a round trip through a file', async () => {
    expect(await readResultsFile(throughText(resultsFile(findings)), run)).toEqual(findings);
  });

  it('name a curve’s attack, and are restored if older curves lack them', async () => {
    const manner = { method: 'pgd', steps: 20, stepSize: 0.02, randomStart: true, target: 3 } as const;
    const both = [robustness, { ...robustness, ...manner, drawn: robustness.drawn + 1 }];
    expect(await readResultsFile(throughText(resultsFile(both)), run)).toEqual(both);
  });

  it('of an earlier version, which only drew geometry’s images by the seed, say so', async () => {
    const { results } = readRunFile(earlierRunFile());
    const found = (await readResultsFile(results, { network: notebookNetwork(), step: 10_000 })).filter(
      ({ kind }) => kind === 'geometry' || kind === 'simulation',
    );
    expect(found.length).toBeGreaterThan(1);
    for (const finding of found) {
      expect(finding).toMatchObject({
        settings: { draw: 'seeded', split: 'train', rule: 'lowestCost', restarts: 40 },
      });
      if (finding.kind === 'simulation') expect(finding.offset).toBe(false);
    }
  });

  it('survive a round trip with an infinite capacity, which JSON cannot express', async () => {
    const { POSITIVE_INFINITY: capacity, NaN: radius } = Number;
    const perManifold = geometry.result.perManifold.map((figures) => ({ ...figures, capacity, radius }));
    const infinite = { ...geometry, result: { ...geometry.result, capacity, perManifold } };
    expect(await readResultsFile(throughText(resultsFile([infinite])), run)).toEqual([infinite]);
  });

  it('of earlier, newer or unknown versions are ignored', async () => {
    const old = { geometry: { settings: {}, layers: [] }, robustness: [{ step: 1 }], spectrum: 3 };
    expect(await readResultsFile(old, run)).toEqual([]);
    expect(await readResultsFile({ geometry: { version: 2, found: 'otherwise' } }, run)).toEqual([]);
    expect(await readResultsFile({}, run)).toEqual([]);
  });

  it.each([
    [['settings', 'samples'], 1e9, /samples/],
    [['settings', 'kappa'], 'much', /settings\.kappa/],
    [['layer'], 'pool', /layer among/],
    [['step'], 41, /from 0 to 40, found 41/],
    [['labels'], [3, 3], /two different classes/],
    [['labels'], [3, 10], /from 0 to 9/],
    [['perManifold'], [], /figures of at least two different classes/],
    [['capacity'], '0.3', /capacity: expected a number/],
    [['warmStart', 0, 'data'], [0.5], /1 x 2 finite numbers/],
    [['warmStart', 0, 'columns'], 3, /columns/],
  ])('names what is wrong at %j', async (path, value, message) => {
    const file = withAt(throughText(resultsFile([geometry])), ['geometry', 'found', 0, ...path], value);
    await expect(readResultsFile(file as { [name: string]: JsonValue }, run)).rejects.toThrow(message);
  });

  it('with a wrong value at any place cause a clear error or other findings', async () => {
    const file = throughText(resultsFile(findings));
    const places = placesIn(file).filter((path) => path.length > 1);
    const other = fc.oneof(
      fc.constantFrom<JsonValue | undefined>(undefined, null, -1, 1e300, '', 'x', [], {}, true),
      fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), other, async (path, value) => {
        const damaged = withAt(file, path, value) as { [name: string]: JsonValue };
        try {
          const found = await readResultsFile(damaged, run);
          expect(found.length).toBeLessThanOrEqual(findings.length);
        } catch (error) {
          expect((error as Error).message).toMatch(/^([\w/.[\]]+: )?expected .+, found/s);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
