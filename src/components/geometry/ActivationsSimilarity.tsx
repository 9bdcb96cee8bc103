import { useEffect, useState } from 'react';
import type { ActivationSimilarity } from '../../lab/data/activationSimilarity.ts';
import type { ActivationInfo } from '../../workers/protocol.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { formatCount } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import { useRequest } from '../shared/useRequest.ts';
import styles from './SimilarityMatrix.module.css';
import { SimilarityCells } from './SimilarityMatrix.tsx';

/** Debiased linear CKA between the layers of opened activations; computed while it is open. */
export function ActivationsSimilarity({ info }: { info: ActivationInfo }) {
  const [isOpen, setOpen] = useState(false);
  if (info.layers.length < 2) return null;
  return (
    <details className={styles.view} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Similarity of the layers</summary>
      {isOpen && <Matrix info={info} />}
    </details>
  );
}

function Matrix({ info }: { info: ActivationInfo }) {
  const { activations } = useLabHandle();
  const [answer, setAnswer] = useState<ActivationSimilarity>();
  const { fraction, problem, run, cancel } = useRequest();
  // biome-ignore lint/correctness/useExhaustiveDependencies: other activations have other values
  useEffect(() => {
    setAnswer(undefined);
    void run(async (watched) => {
      const found = await activations.similarity(watched);
      watched.signal.throwIfAborted();
      setAnswer(found);
    });
    return cancel;
  }, [activations, info, run, cancel]);
  if (problem) return <ErrorNotice message={problem} />;
  if (!answer) return <ProgressBar label="Comparing the layers" value={fraction ?? 0} total={1} />;
  return (
    <>
      <p role="status">
        The layers of {info.name}, over its first {formatCount(answer.count)} images
      </p>
      <SimilarityCells similarity={answer} />
      <p className={styles.note}>
        Debiased linear CKA: 1 where images are alike in the same way, 0 where unrelated. Corrected for few
        images and for few units, as if drawn from many like them (arXiv 2502.15104): with ten units, single
        values can be off by a few tenths.
      </p>
    </>
  );
}
