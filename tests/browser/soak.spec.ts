import { expect, test } from '../page/fixtures.ts';
import { serveSite } from '../page/site.ts';
import { soak } from '../soak/soak.ts';

/** Set by `npm run soak`. One minute with this seed includes crashes of every kind. */
const { SOAK_MINUTES = '1', SOAK_SEED = '1712', SOAK_SITE = 'dist' } = process.env;

test('random use causes no errors and loses nothing', { tag: '@full' }, async ({ browser }) => {
  const minutes = Number(SOAK_MINUTES);
  test.setTimeout(minutes * 60_000 + 600_000);
  const site = await serveSite({ root: SOAK_SITE });
  const wrong = await soak({ browser, site, seed: Number(SOAK_SEED), minutes, say: console.log });
  await site.close();
  expect(wrong).toEqual([]);
});
