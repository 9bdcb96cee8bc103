import { useEffect, useState } from 'react';
import type { ActivationSimilarity } from '../../lab/data/activationSimilarity.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import type { ActivationInfo } from '../../workers/protocol.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { formatCount } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
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
  const [fraction, setFraction] = useState(0);
  const [problem, setProblem] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: other activations have other values
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    setAnswer(undefined);
    setProblem(undefined);
    const onProgress = (progress: { fraction: number }) => setFraction(progress.fraction);
    activations.similarity({ signal, onProgress }).then(
      (found) => {
        if (!signal.aborted) setAnswer(found);
      },
      (error: unknown) => {
        if (!signal.aborted) setProblem(sentenceOf(error));
      },
    );
    return () => controller.abort();
  }, [activations, info]);
  if (problem) return <ErrorNotice message={problem} onDismiss={() => setProblem(undefined)} />;
  if (!answer) return <ProgressBar label="Comparing the layers" value={fraction} total={1} />;
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
