import type { StoreApi } from 'zustand/vanilla';
import type { MetamerAnswer, NetworkMoment } from '../../workers/protocol.ts';
import { createLatest } from '../ask/latest.ts';
import type { PanelJob } from '../metamers/metamerQuestion.ts';
import type { MetamersState } from '../metamers/metamerRows.ts';
import type { MetamersFinding } from '../metamers/metamersFinding.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { Comparison } from './comparison.ts';
import { isAnswered, type OwnMetamer, type SecondNetworkState } from './secondState.ts';

/** Makes a metamer with a network. */
export type MakeMetamer = (
  moment: NetworkMoment,
  job: PanelJob,
  options: { signal: AbortSignal; onProgress(progress: { iteration: number }): void },
) => Promise<MetamerAnswer>;

/** The second network's metamers, with the same reference and settings as the first network's. */
export interface OwnMetamers {
  make(moment: NetworkMoment): Promise<void>;
  cancel(): void;
  /**
   * Drops the metamers made so far. If the network is the compared run's at the step of its saved metamers, these are
   * shown.
   */
  forget(comparedStep: number | undefined): void;
  /** The compared run's saved metamers, if they have the same reference and settings. */
  kept(): MetamersFinding | undefined;
}

interface Parts {
  store: StoreApi<SecondNetworkState>;
  metamers: StoreApi<MetamersState>;
  comparison: Comparison;
  makeMetamer: MakeMetamer;
}

export function createOwnMetamers({ store, metamers, comparison, makeMetamer }: Parts): OwnMetamers {
  const { setState } = store;
  const request = createLatest({
    failed: (error) => setState({ problem: sentenceOf(error) }),
    ended: () => setState({ making: undefined }),
  });

  function kept(): MetamersFinding | undefined {
    const { made } = metamers.getState();
    const { compared } = comparison.store.getState();
    const found = compared?.findings.findLast((finding) => finding.kind === 'metamers');
    return made && found && isSame(made, found) ? found : undefined;
  }

  return {
    kept,
    async make(moment) {
      const { made, rows } = metamers.getState();
      if (!made) return;
      setState({ problem: undefined });
      const { reference, recipe } = made;
      await request.run(async (signal) => {
        for (const { layer } of rows.filter(isAnswered)) {
          const show = (iteration: number) => {
            if (!signal.aborted) setState({ making: { layer, iteration, iterations: recipe.iterations } });
          };
          show(0);
          const answer = await makeMetamer(
            moment,
            { layer, reference: reference.pixels, recipe },
            { signal, onProgress: ({ iteration }) => show(iteration) },
          );
          signal.throwIfAborted();
          setState(({ own }) => ({ own: { ...own, [layer]: ownOf(answer) } }));
        }
      });
    },
    cancel: request.cancel,
    forget(comparedStep) {
      request.cancel();
      const found = kept();
      const rows = found && found.step === comparedStep ? found.rows : [];
      setState({ own: Object.fromEntries(rows.map(({ layer, answer }) => [layer, ownOf(answer)])) });
    },
  };
}

function ownOf({ last, judgements }: MetamerAnswer): OwnMetamer {
  return {
    image: last.images,
    loss: last.losses[0],
    iteration: last.iteration,
    judgement: judgements[0],
  };
}

/** Whether metamers have the same reference and settings. */
function isSame(
  one: Pick<MetamersFinding, 'reference' | 'recipe'>,
  other: Pick<MetamersFinding, 'reference' | 'recipe'>,
): boolean {
  const textOf = ({ reference, recipe }: typeof one) => {
    const { start, ...settings } = recipe;
    const image = start.kind === 'image' && [...start.image];
    const names = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([[...reference.pixels], image || start, names]);
  };
  return textOf(one) === textOf(other);
}
