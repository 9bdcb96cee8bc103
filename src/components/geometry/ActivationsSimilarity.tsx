import { useEffect, useState } from 'react';
import type { SimilarityMatrix } from '../../lab/ask/similarityMatrix.ts';
import type { ActivationInfo } from '../../workers/protocol.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { Foldout } from '../shared/Foldout.tsx';
import { formatCount } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import { useRequest } from '../shared/useRequest.ts';
import { SimilarityCells } from './SimilarityCells.tsx';

/** Debiased linear CKA between the layers of opened activations; computed while it is open. */
export function ActivationsSimilarity({ info }: { info: ActivationInfo }) {
  if (info.layers.length < 2) return null;
  return (
    <Foldout title="Similarity of the layers">
      <Matrix info={info} />
    </Foldout>
  );
}

function Matrix({ info }: { info: ActivationInfo }) {
  const { activations } = useLabHandle();
  const [answer, setAnswer] = useState<SimilarityMatrix>();
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
  const images = `first ${formatCount(answer.count)} images`;
  return (
    <>
      <p role="status">
        The layers of {info.name}, over its {images}
      </p>
      <SimilarityCells similarity={answer} images={`the ${images}`} />
    </>
  );
}
