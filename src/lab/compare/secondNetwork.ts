import { createStore, type StoreApi } from 'zustand/vanilla';
import { createLatest } from '../ask/latest.ts';
import { sentenceOf } from '../state/errorText.ts';
import { type Candidate, type CandidateParts, createCandidates, type SecondTraining } from './candidates.ts';
import { createJudging, type JudgingParts } from './judging.ts';
import { createOwnMetamers, type MakeMetamer } from './ownMetamers.ts';
import type { SecondNetworkState } from './secondState.ts';

/** A second network, which judges the metamers made with the first. */
export interface SecondNetwork {
  store: StoreApi<SecondNetworkState>;
  /** Takes the network currently shown, which may be from a later run. */
  takeShown(): Promise<void>;
  /**
   * Takes the compared run's network, at the step of its saved metamers if they have the same settings, else near the first
   * network's step.
   */
  takeCompared(): Promise<void>;
  /** Makes the second network's own metamers, with the first network's reference and settings. */
  makeOwn(): Promise<void>;
  cancelOwn(): void;
  /** Takes parameters from a PyTorch, safetensors or NumPy file, which may have another number or size of filters. */
  takeFile(file: File): Promise<void>;
  /**
   * Trains a network from another seed or on attacked images, beside the run, otherwise with the Train panel's settings.
   */
  train(options: SecondTraining): Promise<void>;
  cancelTraining(): void;
  dismiss(): void;
}

interface Parts extends CandidateParts, JudgingParts {
  makeMetamer: MakeMetamer;
}

export function createSecondNetwork(parts: Parts): SecondNetwork {
  const { metamers, comparison, makeMetamer } = parts;
  const store = createStore<SecondNetworkState>(() => ({ judging: false, judgements: {}, own: {} }));
  const { setState } = store;
  const own = createOwnMetamers({ store, metamers, comparison, makeMetamer });
  const candidates = createCandidates(parts, own);
  const judging = createJudging(parts, store);
  const failed = (error: unknown) => setState({ problem: sentenceOf(error) });
  const taking = createLatest({ failed, ended: () => setState({ training: undefined }) });
  let second: Candidate | undefined;

  // An existing second network also judges new metamers.
  metamers.subscribe(({ running, rows }) => {
    if (!second || running || judging.isJudged(rows)) return;
    own.forget(second.comparedStep);
    void judging.judge(second.moment);
  });

  async function take(find: (signal: AbortSignal) => Promise<Candidate>): Promise<void> {
    setState({ problem: undefined });
    await taking.run(async (signal) => {
      const found = await find(signal);
      signal.throwIfAborted();
      second = found;
      setState({ name: found.name, remark: found.remark });
      own.forget(found.comparedStep);
      await judging.judge(found.moment);
    });
  }

  return {
    store,
    takeShown: () => take(candidates.shown),
    takeCompared: () => take(candidates.compared),
    async makeOwn() {
      if (second) await own.make(second.moment);
    },
    cancelOwn: own.cancel,
    takeFile: (file) => take(() => candidates.inFile(file)),
    train: (options) =>
      take((signal) =>
        candidates.trained(options, {
          signal,
          onProgress: (progress) => {
            if (!signal.aborted) setState({ training: progress });
          },
        }),
      ),
    cancelTraining: taking.cancel,
    dismiss() {
      second = undefined;
      taking.cancel();
      judging.cancel();
      own.forget(undefined);
      setState({ name: undefined, remark: undefined, problem: undefined, judgements: {} });
    },
  };
}
