import { afterEach, expect, it } from 'vitest';
import { shownWeights } from '../../src/components/filters/layerWeights.ts';
import { weightSides } from '../../src/components/filters/weightSides.ts';
import type { MomentWeightsState } from '../../src/lab/compare/momentWeights.ts';
import { parseNetworkText } from '../../src/ml/model/text.ts';
import { type BrowserProfile, createProfile, type Tab } from './browserProfile.ts';

let profile: BrowserProfile | undefined;
afterEach(() => profile?.closeAll());

const network = 'conv 3 5x5, relu, pool 4, conv 4 3x3, relu, fc 12, relu, fc 10';

/** Resolves when the weights of the moment satisfy the condition. */
function weightsThat(
  { lab: { momentWeights } }: Tab,
  isSo: (state: MomentWeightsState) => boolean | undefined,
): Promise<MomentWeightsState> {
  return new Promise((resolve) => {
    const check = (state: MomentWeightsState) => {
      if (!isSo(state)) return;
      stop();
      resolve(state);
    };
    const stop = momentWeights.store.subscribe(check);
    check(momentWeights.store.getState());
  });
}

it('weights of deeper layers are compared over time, and with another run at its nearest snapshot', async () => {
  profile = createProfile();
  const tab = await profile.open();
  const { lab, api } = tab;
  await api.reset({ network, seed: 6 });
  await api.train({ maxSteps: 20 });
  const other = await api.parameters();
  const [{ id, name }] = await api.runs();
  await api.reset({ network, seed: 7 });
  const first = await api.parameters();
  await api.train({ maxSteps: 20 });
  const last = await api.parameters();

  const unwatch = lab.momentWeights.watch();
  const alone = await weightsThat(tab, ({ weights }) => weights?.step === 20);
  expect(alone).toMatchObject({ pair: undefined, theirs: undefined, problem: undefined });
  expect(alone.weights?.parameters).toEqual(last);

  // Over time: while live, the start beside now.
  lab.momentWeights.compare(true);
  const live = await weightsThat(tab, ({ pair }) => pair?.now.step === 20);
  expect(live.pair?.earlier).toMatchObject({ step: 0, parameters: first });
  expect(live.pair?.now.parameters).toEqual(last);
  for (const layer of ['conv2', 'fc1']) {
    const sides = weightSides(shownWeights(parseNetworkText(network), layer), live);
    expect(sides.map(({ title }) => title)).toEqual([
      'before training',
      'now, at step 20',
      'difference, now − before training',
    ]);
    const key = `${layer}.weight`;
    expect(sides[2].weight).toEqual(last[key].map((value, i) => value - first[key][i]));
    expect(sides[2].weight.some((value) => value !== 0)).toBe(true);
  }

  // At an earlier moment: that moment beside now.
  const { step } = api.snapshots()[3];
  await api.seek(step);
  const earlier = await weightsThat(tab, ({ pair }) => pair?.earlier.step === step);
  expect(earlier.pair?.now).toMatchObject({ step: 20, parameters: last });
  expect(earlier.pair?.earlier.parameters).toEqual(await api.parameters({ at: step }));
  await api.seek('live');

  // With another run.
  lab.momentWeights.compare(false);
  await lab.comparison.choose(id);
  const compared = await weightsThat(tab, ({ pair, theirs }) => !pair && theirs?.name === name);
  expect(compared.theirs).toMatchObject({ step: 20, parameters: other });
  const sides = weightSides(shownWeights(parseNetworkText(network), 'conv2'), compared);
  expect(sides.map(({ title }) => title)).toEqual(['this run, at step 20', `“${name}”, at step 20`]);
  expect(sides[1].weight).toEqual(other['conv2.weight']);
  await lab.comparison.choose(undefined);
  await weightsThat(tab, ({ theirs }) => !theirs);
  unwatch();
});
