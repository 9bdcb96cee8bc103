import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { dataHash } from '../../../src/ml/data/dataHash.ts';
import { isDataId } from '../../../src/ml/data/dataId.ts';
import { loadShipped } from '../../../src/ml/data/load.ts';
import { SHIPPED, type ShippedId } from '../../../src/ml/data/shipped.ts';

it.each(Object.keys(SHIPPED) as ShippedId[])('%s has the SHA-256 that runs name it by', async (id) => {
  const { data } = await loadShipped(id, {
    baseUrl: `http://localhost/${SHIPPED[id].folder}/`,
    cache: null,
    fetch: async (url) => new Response(await readFile(`public${new URL(String(url)).pathname}`)),
  });
  expect(await dataHash(data)).toBe(data.sha256);
  expect(data).toMatchObject({ id, train: { count: 60_000, channels: 1 }, test: { count: 10_000 } });
});

it('knows the ids of data sets by their form', () => {
  expect(['mnist', 'fashion-mnist', 'own-0123456789ab'].every(isDataId)).toBe(true);
  expect(['', 'cifar', 'own-', 'own-0123456789AB', 'own-0123456789abc'].some(isDataId)).toBe(false);
});
