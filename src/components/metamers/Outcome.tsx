import type { Judgement } from '../../ml/metamers/judge.ts';
import type { MetamerAnswer } from '../../workers/protocol.ts';
import { formatCount, formatValue } from '../shared/format.ts';
import { MatchTable } from './MatchTable.tsx';
import styles from './MetamersPanel.module.css';

/** The verdict on a finished metamer, and its lowest loss. */
export function Outcome({ layer, answer }: { layer: string; answer: MetamerAnswer }) {
  const { judgements, clipped, pairs, best } = answer;
  return (
    <>
      <Verdict layer={layer} judgement={judgements[0]} clipped={clipped?.[0]} pairs={pairs} />
      <p className={styles.muted}>
        Lowest loss {formatValue(best.losses[0])} after {formatCount(best.iterations[0])}.
      </p>
    </>
  );
}

interface VerdictProps {
  layer: string;
  judgement: Judgement;
  /** The verdict on the image clipped to [0, 1], if any pixel lies outside. */
  clipped?: Judgement;
  pairs: number;
}

function Verdict({ layer, judgement, clipped, pairs }: VerdictProps) {
  const { isMetamer, failures, layers, pixelCorrelation, similarity, nulls } = judgement;
  return (
    <div data-testid="verdict">
      <p>
        {isMetamer ? (
          <span className={styles.yes}>A metamer at {layer}.</span>
        ) : (
          <>
            <span className={styles.no}>Not a metamer:</span> {failures.join('; ')}.
          </>
        )}{' '}
        Pixel correlation {pixelCorrelation.toFixed(3)}, structural similarity {similarity.toFixed(3)}.
      </p>
      {clipped && (
        <p data-testid="clipped">
          Clipped to [0, 1], as other panels and files get it:{' '}
          {clipped.isMetamer ? (
            <span className={styles.yes}>a metamer too.</span>
          ) : (
            <>
              <span className={styles.no}>not a metamer:</span> {clipped.failures.join('; ')}.
            </>
          )}
        </p>
      )}
      <details className={styles.matches}>
        <summary>Match at every layer</summary>
        <MatchTable layers={layers} pairs={pairs} />
        <p className={styles.muted}>
          Beside each figure: the threshold, which 99.9 % of {formatCount(pairs)} pairs of different images do
          not exceed
          {nulls && <>, ± its standard error over draws of the {formatCount(nulls.images)} images</>}.
          {nulls && (
            <>
              {' '}
              “Above all” means that no pair matches as well. At {layer}, {formatCount(nulls.passingPairs)} of
              the pairs ({formatCount(nulls.passingImages)} of the images) pass the same test: different
              images that a verdict would call metamers.
            </>
          )}
        </p>
      </details>
    </div>
  );
}
