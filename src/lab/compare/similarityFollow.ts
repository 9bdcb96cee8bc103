import type { StoreApi } from 'zustand/vanilla';
import { createMomentQuery, type MomentQuery } from '../ask/momentQuery.ts';
import type { AtStep } from '../ask/questions.ts';
import type { LabState, Moment } from '../state/state.ts';
import type { Similarity, SimilarityQuestion } from './similarity.ts';

/** The subject of a comparison: the layers at one moment, one layer at several moments, or the layers of two runs. */
export type Sides = 'layers' | 'moments' | 'runs';

interface SimilarityChoice {
  sides: Sides;
  /** The layers to compare, and the one to compare with itself at several moments. */
  layers: readonly string[];
  layer: string;
}

export interface SimilarityAnswer extends Similarity {
  sides: Sides;
  /** The layer of a comparison of moments. */
  layer?: string;
}

export interface SimilarityFollow {
  query: MomentQuery<AtStep<SimilarityAnswer>>;
  /** Changes the question. */
  ask(choice: SimilarityChoice): void;
}

/** Snapshots in one matrix; the live network may come after them. */
const MOST_MOMENTS = 8;

/** Follows the page's moment with the similarity of layers, moments or runs. Answers are not saved with the run. */
export function createSimilarityFollow(
  labStore: StoreApi<LabState>,
  { similarity }: SimilarityQuestion,
): SimilarityFollow {
  let choice: SimilarityChoice | undefined;

  async function answer(at: Moment, signal: AbortSignal): Promise<AtStep<SimilarityAnswer>> {
    const { snapshots, step } = labStore.getState();
    const { sides = 'layers', layers, layer } = choice ?? {};
    if (sides !== 'moments') {
      return { ...(await similarity({ layers, at, compared: sides === 'runs', signal })), sides };
    }
    const shown = at === 'live' ? undefined : at;
    const steps = snapshots.map((snapshot) => snapshot.step);
    const isLiveNew = shown === undefined && !steps.includes(step);
    const moments = [...spreadMoments(steps, shown), ...(isLiveNew ? (['live'] as const) : [])];
    return { ...(await similarity({ layer, moments, signal })), sides, layer, step: shown ?? step };
  }

  const query = createMomentQuery(labStore, { ask: answer });
  return {
    query,
    ask(next) {
      choice = next;
      query.renew();
    },
  };
}

/** At most `MOST_MOMENTS` of the steps, the first, the last and the shown one among them. */
export function spreadMoments(steps: readonly number[], shown?: number): number[] {
  const isMore = shown !== undefined && steps.includes(shown);
  const most = isMore ? MOST_MOMENTS - 1 : MOST_MOMENTS;
  const picked =
    steps.length <= most
      ? steps
      : Array.from({ length: most }, (_, i) => steps[Math.round((i * (steps.length - 1)) / (most - 1))]);
  return [...new Set(isMore ? [...picked, shown] : picked)].sort((a, b) => a - b);
}
