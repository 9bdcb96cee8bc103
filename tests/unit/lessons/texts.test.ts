import { expect, it } from 'vitest';
import { readHash } from '../../../src/lab/share/hash.ts';
import { LESSON_IDS } from '../../../src/lab/state/pageParts.ts';
import { articleParts, GLOSSARY, REFERENCES, SECTIONS } from '../../../src/lessons/article.ts';
import { CATALOG } from '../../../src/lessons/catalog.ts';
import type { Facts } from '../../../src/lessons/facts.ts';
import { textParts } from '../../../src/lessons/figures.ts';

const untrained: Facts = {
  status: 'idle',
  run: 1,
  recorded: false,
  seed: 111,
  data: 'mnist',
  layers: ['conv', 'relu', 'flatten', 'fc', 'logSoftmax'],
  parameters: 216_650,
  step: 0,
  epoch: 0,
  learningRate: '1e-3',
  adversarialTraining: false,
  moment: 'live',
  shownStep: 0,
  pinned: 0,
  normalizing: 'digit',
  simulated: new Map(),
  geometry: [
    { layer: 'fc', step: 0, capacity: 0.1666, radius: 2.1, dimension: 6.99, centerCorrelation: 0.34 },
  ],
  metamers: [],
};

it('replaces names in braces by the run’s figures, or by dashes if nothing was measured', () => {
  expect(textParts('{parameters} and {capacity fc}, {testAccuracy}.', untrained)).toEqual([
    { figure: 'parameters', value: '216,650' },
    { words: ' and ' },
    { figure: 'capacity fc', value: '0.167' },
    { words: ', ' },
    { figure: 'testAccuracy', value: undefined },
    { words: '.' },
  ]);
  expect(() => textParts('{testAcuracy}', untrained)).toThrow('testAcuracy');
});

it.each(CATALOG.map(({ id }) => id))('lesson %s: every figure, state and step is well formed', async (id) => {
  const lesson = await CATALOG.find((entry) => entry.id === id)!.load();
  expect(lesson.id).toBe(id);
  expect(new Set(lesson.steps.map((step) => step.id)).size).toBe(lesson.steps.length);
  expect(lesson.sources.length).toBeGreaterThan(0);
  expect(lesson.notes.expect.length).toBeGreaterThan(0);
  for (const { text, seen = [], state, ask, todo, done } of lesson.steps) {
    for (const paragraph of [...text, ...seen]) expect(() => textParts(paragraph, untrained)).not.toThrow();
    if (state !== undefined) expect(readHash(`v=1&${state}`)).toMatchObject({ problems: [] });
    // A step asks for something, and says what.
    expect(ask !== undefined || done !== undefined).toBe(true);
    expect(todo).toBeTruthy();
    expect(done?.(untrained, untrained) ?? false).toBe(false);
  }
});

it('the catalog follows the order of the lessons', () => {
  const ids = CATALOG.map(({ id }) => id);
  expect(ids).toEqual(LESSON_IDS.filter((id) => ids.includes(id)));
});

it('the article’s terms are in the glossary, its references exist and are used', () => {
  const parts = SECTIONS.flatMap(({ paragraphs }) => paragraphs.flatMap(articleParts));
  const terms = parts.flatMap((part) => (part.kind === 'term' ? [part.term] : []));
  expect([...terms].sort()).toEqual(Object.keys(GLOSSARY).sort());
  const numbers = parts.flatMap((part) => (part.kind === 'reference' ? part.numbers : []));
  expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual(REFERENCES.map((_, place) => place + 1));
  for (const part of parts)
    if (part.kind === 'figure') expect(() => textParts(part.text, untrained)).not.toThrow();
});
