import type { Action } from './action.ts';
import type { Chance } from './chance.ts';

const LAYERS = ['conv', 'relu', 'fc'] as const;

/** A moment as a share of the snapshots, because their number depends on the page. */
function drawMoment(chance: Chance): number | 'live' {
  const share = chance.share();
  return chance.share() < 0.5 ? 'live' : share;
}

export const spectrum: Action = async (session, chance) => {
  const question = { layer: chance.pick(LAYERS), count: chance.whole(10, 60), moment: drawMoment(chance) };
  const bad = await session.do(
    session.page.evaluate(async ({ moment, ...options }) => {
      const known = window.lab.snapshots();
      const at = moment === 'live' ? moment : known[Math.floor(moment * known.length)].step;
      const { singularValues } = await window.lab.spectrum({ ...options, at });
      return [...singularValues].findIndex((value) => !Number.isFinite(value));
    }, question),
  );
  if (bad >= 0) session.report(`singular value ${bad} is not finite`);
  return JSON.stringify(question);
};

export const geometry: Action = async (session, chance) => {
  const question = {
    layers: [chance.pick(LAYERS)],
    examplesPerClass: chance.whole(4, 10),
    samples: chance.whole(5, 20),
    moment: drawMoment(chance),
  };
  const found = await session.do(
    session.page.evaluate(async ({ moment, ...options }) => {
      const known = window.lab.snapshots();
      const at = moment === 'live' ? moment : known[Math.floor(moment * known.length)].step;
      const answer = await window.lab.geometry({ ...options, at });
      return Object.values(answer).map(({ capacity, radius, dimension }) => [capacity, radius, dimension]);
    }, question),
  );
  if (!found.flat().every(Number.isFinite)) session.report(`figures that are not finite: ${found}`);
  return JSON.stringify(question);
};

export const metamer: Action = async (session, chance) => {
  const question = {
    layer: chance.pick(LAYERS),
    image: { split: chance.pick(['train', 'test'] as const), index: chance.whole(0, 9999) },
    iterations: chance.whole(5, 30),
    moment: drawMoment(chance),
  };
  const losses = await session.do(
    session.page.evaluate(async ({ moment, ...options }) => {
      const known = window.lab.snapshots();
      const at = moment === 'live' ? moment : known[Math.floor(moment * known.length)].step;
      return [...(await window.lab.metamer({ ...options, at })).losses];
    }, question),
  );
  if (losses.length !== question.iterations || !losses.every(Number.isFinite)) {
    session.report(`${losses.length} losses of ${question.iterations} iterations: ${losses.slice(0, 5)}`);
  }
  return JSON.stringify(question);
};

export const attack: Action = async (session, chance) => {
  const first = chance.whole(0, 9000);
  const question = {
    method: chance.pick(['fgsm', 'pgd'] as const),
    epsilon: chance.pick([0.05, 0.1, 0.3]),
    steps: chance.whole(2, 8),
    indices: Array.from({ length: chance.whole(4, 40) }, (_, i) => first + i),
    moment: drawMoment(chance),
  };
  const { correct, count } = await session.do(
    session.page.evaluate(async ({ moment, ...options }) => {
      const known = window.lab.snapshots();
      const at = moment === 'live' ? moment : known[Math.floor(moment * known.length)].step;
      return window.lab.attack({ ...options, at });
    }, question),
  );
  if (count !== question.indices.length || !(correct >= 0 && correct <= count)) {
    session.report(`${correct} of ${count} correct, of ${question.indices.length} images`);
  }
  return `${JSON.stringify({ ...question, indices: question.indices.length })}: ${correct} of ${count}`;
};

/** Replaying a step costs all steps before it. */
const MOST_STEPS = 300;

export const replay: Action = async (session, chance) => {
  const draw = { share: chance.share(), soon: chance.share() < 0.2, whole: chance.share() < 0.4 };
  const { step, exact, same, error } = await session.do(
    session.page.evaluate(
      async ({ share, soon, whole, most }) => {
        const { lab } = window;
        const { status, step: now } = lab.state;
        // If the run is at rest, the recomputed step can be compared.
        const step = Math.min(most, whole && status === 'idle' ? now : Math.floor(share * now));
        const known = lab.snapshots().some((snapshot) => snapshot.step === step);
        const signal = soon ? AbortSignal.timeout(30) : undefined;
        try {
          const { exact } = await lab.replay(step, { signal });
          if (known || lab.state.status !== 'idle' || lab.state.step !== step) return { step, exact };
          const again = await lab.parameters({ at: step });
          const live = await lab.parameters();
          const same = Object.entries(live).every(([name, values]) =>
            values.every((value, i) => Object.is(value, again[name][i])),
          );
          return { step, exact, same };
        } catch (error) {
          return { step, error: String(error) };
        }
      },
      { ...draw, most: MOST_STEPS },
    ),
  );
  const refusal = /Timeout|abort|cancel|loaded parameters|begins with a reset/i;
  if (error && !refusal.test(error)) session.report(error);
  if (exact && same === false) session.report(`step ${step} made again is not the run's, and is said to be`);
  return `${step}: ${error ?? JSON.stringify({ exact, same })}`;
};
