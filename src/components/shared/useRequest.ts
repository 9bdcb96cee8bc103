import { useCallback, useEffect, useState } from 'react';
import { createLatest } from '../../lab/ask/latest.ts';
import type { Watched } from '../../lab/ask/watched.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';

/**
 * Runs a component's requests, of which only the latest counts, and returns its progress and its problem. The request is
 * canceled when the component goes.
 */
export function useRequest() {
  const [fraction, setFraction] = useState<number>();
  const [problem, setProblem] = useState<string>();
  const [request] = useState(() =>
    createLatest({
      failed: (error) => setProblem(sentenceOf(error)),
      ended: () => setFraction(undefined),
    }),
  );
  useEffect(() => request.cancel, [request]);
  const run = useCallback(
    (work: (watched: Required<Watched>) => Promise<void>): Promise<boolean> => {
      setProblem(undefined);
      setFraction(0);
      return request.run((signal) => {
        const onProgress = (progress: { fraction: number }) => {
          if (!signal.aborted) setFraction(progress.fraction);
        };
        return work({ signal, onProgress });
      });
    },
    [request],
  );
  return { fraction, problem, run, cancel: request.cancel };
}
