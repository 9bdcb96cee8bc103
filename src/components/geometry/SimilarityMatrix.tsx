import { useEffect, useState } from 'react';
import type { Sides, SimilarityAnswer } from '../../lab/compare/similarityFollow.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Foldout } from '../shared/Foldout.tsx';
import { formatCount } from '../shared/format.ts';
import { LiveText } from '../shared/LiveText.tsx';
import { ErrorNotice } from '../shared/Notice.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { useAwaited } from '../shared/useAwaited.ts';
import { useWhilePlaceInView } from '../shared/useWhileInView.ts';
import { SimilarityCells } from './SimilarityCells.tsx';
import styles from './SimilarityMatrix.module.css';

interface SimilarityMatrixProps {
  layer: string;
  layers: readonly string[];
}

/** Debiased linear CKA as a matrix that follows the timeline; computed while it is open. */
export function SimilarityMatrix(props: SimilarityMatrixProps) {
  return (
    <Foldout title="Similarity of layers, moments and runs">
      <Matrix {...props} />
    </Foldout>
  );
}

function Matrix({ layer, layers }: SimilarityMatrixProps) {
  const { similarity, comparison } = useLabHandle();
  const hasMoments = useLab(({ snapshots }) => snapshots.length > 1);
  const name = useStore(comparison.store, ({ compared }) => compared?.name);
  const [wanted, setWanted] = useState<Sides>('layers');
  const { answer, stale, problem } = useStore(similarity.query.store);
  const awaited = useAwaited({ stale, problem });
  const sides =
    (wanted === 'runs' && name === undefined) || (wanted === 'moments' && !hasMoments) ? 'layers' : wanted;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another compared run of that name is another question
  useEffect(() => similarity.ask({ sides, layer, layers }), [similarity, sides, layer, layers, name]);
  useWhilePlaceInView(similarity.query.watch);
  return (
    <>
      <ToggleGroup
        label="Compare"
        hideLabel
        compact
        value={sides}
        options={[
          { value: 'layers', label: 'Layers' },
          { value: 'moments', label: `${layer} over training`, disabled: !hasMoments },
          { value: 'runs', label: 'With the compared run', disabled: name === undefined },
        ]}
        onChange={setWanted}
      />
      {problem && <ErrorNotice message={problem} onRetry={similarity.query.renew} />}
      {answer ? (
        <>
          <p role="status" className={stale ? styles.stale : undefined} data-waiting={awaited}>
            <LiveText text={`${titleOf(answer, name)}${stale ? ', computing…' : ''}`} digits={40} flows />
          </p>
          <SimilarityCells
            similarity={answer}
            images={`the first ${formatCount(answer.count)} training images`}
            remark="The matrix is not saved with the run; its snapshots give the same values again."
          />
        </>
      ) : (
        !problem && (
          <p role="status" data-waiting="">
            Comparing…
          </p>
        )
      )}
    </>
  );
}

function titleOf({ sides, layer, step, theirStep, rows }: SimilarityAnswer, name?: string): string {
  if (sides === 'moments') return `${layer} at ${rows.length} moments of the run`;
  if (theirStep === undefined) return `The layers at step ${formatCount(step)}`;
  return `The layers at step ${formatCount(step)} (rows) and those of “${name}” at step ${formatCount(theirStep)} (columns)`;
}
