import { analyzedLayers } from '../../lab/ask/layers.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { formatCount, formatQuantity } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import styles from './GeometryPanel.module.css';

/** Status of the compared run's geometry, with a button to compute missing figures. */
export function ComparedStatus() {
  const { comparison, comparedGeometry } = useLabHandle();
  const name = useStore(comparison.store, ({ compared }) => compared?.name);
  const theirs = useStore(comparison.store, ({ compared }) => compared?.network);
  const network = useLab((state) => state.network);
  const isOther = theirs !== undefined && analyzedLayers(theirs).join() !== analyzedLayers(network).join();
  const { results, left, progress, problem } = useStore(comparedGeometry.store);
  if (name === undefined) return null;
  const compute = () => void comparedGeometry.compute();
  return (
    <div className={styles.status} data-testid="compared-geometry">
      <span>
        Compared with “{name}”
        {results.size === 0 && !progress && ', which has no saved figures for these settings'}
        {isOther && '; another network: compared at the logits and at layers of the same name'}
      </span>
      {problem && <ErrorNotice message={problem} onRetry={compute} />}
      {progress ? (
        <>
          <ProgressBar
            label={`Analyzing “${name}”`}
            value={progress.done}
            total={progress.count}
            text={`${formatCount(progress.done)} of ${formatQuantity(progress.count, 'analysis', 'analyses')}`}
          />
          <Button onClick={comparedGeometry.cancel}>Cancel</Button>
        </>
      ) : (
        left > 0 &&
        !problem && (
          <Button onClick={compute}>
            Compute {results.size === 0 ? 'them' : 'the rest'} ({formatQuantity(left, 'analysis', 'analyses')}
            )
          </Button>
        )
      )}
    </div>
  );
}
