import { expect, it } from 'vitest';
import { createSimilarityQuestion } from '../../../../src/lab/compare/similarity.ts';
import { notebookNetwork } from '../../../../src/ml/model/network.ts';
import type { GeometryCalls, SimilarityPart } from '../../../../src/workers/geometryProtocol.ts';
import { labState } from '../labState.ts';

const split = {
  ...{ images: new Uint8Array(8 * 784), labels: new Uint8Array(8), count: 8 },
  ...{ channels: 1, height: 28, width: 28 },
};
const data = { id: 'eight', name: 'eight', sha256: '', classNames: [], train: split, test: split };
const momentOf = (step: number, filters: number) => ({
  ...{ key: `at ${step}`, network: notebookNetwork({ filters }), parameters: {}, step },
});

/** A question whose pool notes the parts; value and error of a pair tell its place among all parts. */
function noted(theirFilters: number) {
  const asked: SimilarityPart[][] = [];
  const question = createSimilarityQuestion({
    pool: {
      async similarity({ parts }: GeometryCalls['similarity']['parameters']) {
        asked.push(parts);
        const places = Float64Array.from({ length: parts.length ** 2 }, (_, i) => i);
        return { values: places, errors: places.map((place) => place / 100) };
      },
    },
    comparison: { networkNear: async (step) => momentOf(step - 1, theirFilters) },
    getState: () => labState({ data }),
    momentAt: async (at) => momentOf(typeof at === 'number' ? at : 9, 32),
  });
  return { question, asked };
}

it('compares two runs’ layers, whose units are the same where name and size are', async () => {
  const { question, asked } = noted(7);
  const found = await question.similarity({ layers: ['input', 'fc'], compared: true, count: 8 });
  expect(found).toMatchObject({ step: 9, theirStep: 8, count: 8, rows: ['input', 'fc'] });
  expect(found.columns).toEqual(['input', 'conv', 'relu', 'fc']);
  // Of six parts: the rows of the first two, in the columns of the other four.
  expect([...found.values]).toEqual([2, 3, 4, 5, 8, 9, 10, 11]);
  expect([...found.errors]).toEqual([...found.values].map((place) => place / 100));
  const units = asked[0].map((part) => part.units);
  expect([units[2], units[5]]).toEqual([units[0], units[1]]);
  expect(new Set(units).size).toBe(4);

  const narrow = noted(32);
  await narrow.question.similarity({ layers: ['conv'], compared: true, count: 8 });
  const wide = noted(7);
  await wide.question.similarity({ layers: ['conv'], compared: true, count: 8 });
  const unitsOfConv = [narrow, wide].map(({ asked: [parts] }) => parts.map((part) => part.units));
  expect(unitsOfConv[0][2]).toBe(unitsOfConv[0][0]);
  expect(unitsOfConv[1][2]).not.toBe(unitsOfConv[1][0]);
});

it('compares a layer with itself at several moments, with the same units at all', async () => {
  const { question, asked } = noted(32);
  const found = await question.similarity({ layer: 'fc', moments: [3, 5, 'live'], count: 8 });
  expect(found).toMatchObject({ step: 9, count: 8, rows: ['step 3', 'step 5', 'step 9'] });
  expect(found.values).toHaveLength(9);
  expect(found.errors).toHaveLength(9);
  expect(new Set(asked[0].map((part) => part.units)).size).toBe(1);
});
