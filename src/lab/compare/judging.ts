import type { StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import type { Judgement } from '../../ml/metamers/judge.ts';
import type { JudgeJob, NetworkMoment } from '../../workers/protocol.ts';
import { createLatest } from '../ask/latest.ts';
import { judgedBy } from '../metamers/metamerQuestion.ts';
import type { MetamerRow, MetamersState } from '../metamers/metamerRows.ts';
import { hasLayer } from '../state/chosenLayer.ts';
import { sentenceOf } from '../state/errorText.ts';
import type { LabState } from '../state/state.ts';
import { isAnswered, type SecondNetworkState } from './secondState.ts';

export interface JudgingParts {
  labStore: StoreApi<LabState>;
  metamers: StoreApi<MetamersState>;
  judgeMetamers(job: JudgeJob): Promise<Judgement[]>;
}

/** Judges the first network's metamers with a second network. */
export interface Judging {
  judge(moment: NetworkMoment): Promise<void>;
  /** Whether these rows were judged last. */
  isJudged(rows: readonly MetamerRow[]): boolean;
  cancel(): void;
}

export function createJudging(
  { labStore, metamers, judgeMetamers }: JudgingParts,
  { setState }: StoreApi<SecondNetworkState>,
): Judging {
  const request = createLatest({
    failed: (error) => setState({ problem: sentenceOf(error) }),
    ended: () => setState({ judging: false }),
  });
  let judged: readonly MetamerRow[] | undefined;

  return {
    async judge(moment) {
      const { made, rows } = metamers.getState();
      judged = rows;
      setState({ judging: true, judgements: {} });
      await request.run(async (signal) => {
        const judgements: Record<string, Judgement> = {};
        for (const { layer, answer } of rowsFor(moment, rows)) {
          [judgements[layer]] = await judgeMetamers({
            moment,
            references: made?.reference.pixels ?? new Float32Array(),
            metamers: answer.last.images,
            layer,
            ...judgedBy(labStore.getState()),
          });
          signal.throwIfAborted();
        }
        setState({ judgements });
      });
    },
    isJudged: (rows) => rows === judged,
    cancel: request.cancel,
  };
}

/** The finished metamers at layers that the network has. @throws if there are metamers, but none at such a layer. */
function rowsFor({ network }: NetworkMoment, rows: readonly MetamerRow[]) {
  const answered = rows.filter(isAnswered);
  const known = answered.filter(({ layer }) => hasLayer(network, layer));
  if (known.length > 0 || answered.length === 0) return known;
  const layers = answered.map(({ layer }) => layer).join(', ');
  throw new CallError(
    'secondNetwork',
    `expected a second network with a layer among ${layers}, found ${network.layers.map(({ name }) => name).join(', ')}. Make metamers at a layer that both networks have.`,
  );
}
