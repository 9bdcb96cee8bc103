import { formatShare, formatSigned } from '../shared/format.ts';
import { LiveText } from '../shared/LiveText.tsx';
import { niceLimit } from '../shared/niceLimit.ts';
import styles from './ClassBars.module.css';

interface ClassBarsProps {
  classNames: readonly string[];
  logits: Float32Array;
  probabilities: Float32Array;
  prediction: number;
  label?: number;
}

/** Logits and probabilities of every class, as bars with their numbers. */
export function ClassBars({ classNames, logits, probabilities, prediction, label }: ClassBarsProps) {
  const limit = niceLimit(Math.max(...logits.map(Math.abs)));
  return (
    <table className={styles.bars} data-names={classNames.some((name) => name.length > 3) ? 'long' : 'short'}>
      <caption className={styles.caption}>
        Read as <strong>{classNames[prediction]}</strong> with{' '}
        <LiveText text={formatShare(probabilities[prediction])} digits={8} />
        {label !== undefined && label !== prediction && (
          <span className={styles.wrong}>, but it is {classNames[label]}</span>
        )}
      </caption>
      <thead>
        <tr>
          <th scope="col" className={styles.name}>
            class
          </th>
          <th scope="col" colSpan={2}>
            logit, <LiveText text={`±${limit}`} digits={5} />
          </th>
          <th scope="col" colSpan={2}>
            probability
          </th>
        </tr>
      </thead>
      <tbody>
        {classNames.map((name, i) => (
          <tr key={name} className={i === prediction ? styles.predicted : undefined}>
            <th scope="row" className={styles.name}>
              {name}
            </th>
            <td className={styles.track}>
              <span
                className={`${styles.bar} ${logits[i] < 0 ? styles.negative : styles.positive}`}
                style={{ transform: `scaleX(${logits[i] / limit})` }}
              />
            </td>
            <td className={styles.number}>
              <LiveText text={formatSigned(logits[i], 2)} digits={7} />
            </td>
            <td className={styles.track}>
              <span
                className={`${styles.bar} ${styles.share}`}
                style={{ transform: `scaleX(${probabilities[i]})` }}
              />
            </td>
            <td className={styles.number}>
              <LiveText text={formatShare(probabilities[i])} digits={8} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
