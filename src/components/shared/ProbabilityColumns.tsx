import { formatShare } from './format.ts';
import styles from './ProbabilityColumns.module.css';

/** The probabilities of all classes as small columns. */
export function ProbabilityColumns({
  probabilities,
  classNames,
}: {
  probabilities: Float32Array | Float64Array;
  classNames: readonly string[];
}) {
  return (
    <div className={styles.columns} role="img" aria-label={describeProbabilities(probabilities, classNames)}>
      {classNames.map((name, i) => (
        <div key={name} className={styles.column} title={`${name}: ${formatShare(probabilities[i])}`}>
          <span className={styles.bar} style={{ height: `${100 * probabilities[i]}%` }} />
          <span className={styles.class}>{name}</span>
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
