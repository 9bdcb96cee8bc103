import { formatShare } from './format.ts';
import styles from './ProbabilityColumns.module.css';

/** Letters that fit below a column. */
const MOST_LETTERS = 2;

/** The probabilities of all classes as small columns. */
export function ProbabilityColumns({
  probabilities,
  classNames,
}: {
  probabilities: Float32Array | Float64Array;
  classNames: readonly string[];
}) {
  // Longer names are in the columns' titles.
  const isShort = classNames.every((name) => name.length <= MOST_LETTERS);
  return (
    <div className={styles.columns} role="img" aria-label={describeProbabilities(probabilities, classNames)}>
      {classNames.map((name, i) => (
        <div key={name} className={styles.column} title={`${name}: ${formatShare(probabilities[i])}`}>
          <span className={styles.bar} style={{ transform: `scaleY(${probabilities[i]})` }} />
          <span className={styles.class}>{isShort && name}</span>
        </div>
      ))}
    </div>
  );
}

function describeProbabilities(
  probabilities: Float32Array | Float64Array,
  classNames: readonly string[],
): string {
  const shares = classNames.map((name, i) => `${name} ${formatShare(probabilities[i])}`);
  return `Probabilities: ${shares.join(', ')}`;
}
