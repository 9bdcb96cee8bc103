import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { createMetamers } from '../../../../src/lab/metamers/metamers.ts';
import type { Moment } from '../../../../src/lab/state/state.ts';
import { metamers as finding, run } from '../keep/examples.ts';
import { labState } from '../labState.ts';

function setUp(steps: number[], live: number) {
  const lab = createStore(() =>
    labState({
      step: live,
      network: run.network,
      snapshots: steps.map((step) => ({ step, epoch: 0, best: false, epochEnd: false })),
    }),
  );
  const unasked = {
    call: () => Promise.reject(new Error('not asked')),
    onEvent: () => () => {},
    setShare: () => {},
    close: () => {},
  };
  const metamers = createMetamers({
    labStore: lab,
    workers: { inspector: unasked, longJobs: unasked },
    momentAt: async (at: Moment | 'best') => ({
      key: String(at),
      network: run.network,
      parameters: {},
      step: at === 'live' ? live : Number(at),
    }),
    note: () => undefined,
  });
  return { lab, metamers };
}

test('saved metamers are restored unchanged, with their network if the run still has it', async () => {
  const { metamers } = setUp([0, 40], 50);
  await metamers.restore(finding);
  const { made, rows, reference } = metamers.store.getState();
  expect(reference).toEqual(finding.reference);
  expect(made).toMatchObject({ step: 40, recipe: finding.recipe, moment: { key: '40' } });
  expect(rows).toMatchObject([{ layer: 'fc', status: 'done', iteration: 100, losses: [2, 1.5, 0.25] }]);
  expect(rows[0].frames.map(({ iteration }) => iteration)).toEqual([0, 100]);

  const atRest = setUp([0], 40);
  await atRest.metamers.restore(finding);
  expect(atRest.metamers.store.getState().made?.moment?.key).toBe('live');
  const thinned = setUp([0], 50);
  await thinned.metamers.restore(finding);
  expect(thinned.metamers.store.getState().made).toMatchObject({ step: 40, moment: undefined });
  expect(await thinned.metamers.inspect(new Float32Array(784))).toBeUndefined();
});

test('neither metamers in progress nor those of a newly reset run are replaced', async () => {
  const { lab, metamers } = setUp([40], 40);
  metamers.store.setState({ running: true });
  await metamers.restore(finding);
  expect(metamers.store.getState().rows).toEqual([]);
  metamers.store.setState({ running: false });
  const restoring = metamers.restore(finding);
  lab.setState({ run: 2 });
  await restoring;
  expect(metamers.store.getState().rows).toEqual([]);
});
