import type { LayerJudgement } from '../../ml/metamers/judge.ts';
import { formatCount } from '../shared/format.ts';
import styles from './MetamersPanel.module.css';

const measures = [
  { key: 'spearman', name: 'Spearman', decimals: 3 },
  { key: 'pearson', name: 'Pearson', decimals: 3 },
  { key: 'snr', name: 'SNR, dB', decimals: 1 },
] as const;

/** Match with the reference at every layer, beside the match that different images reach. */
export function MatchTable({ layers, pairs }: { layers: readonly LayerJudgement[]; pairs?: number }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">layer</th>
          {measures.map(({ key, name }) => (
            <th key={key} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {layers.map(({ layer, match, threshold, thresholdError, outside, reachedBy }) => (
          <tr key={layer}>
            <th scope="row">{layer}</th>
            {measures.map(({ key, decimals }) => (
              <td key={key} className={outside[key] ? undefined : styles.within}>
                {match[key].toFixed(decimals)}{' '}
                <span className={styles.threshold}>
                  {outside[key] ? '>' : '≤'} {threshold[key].toFixed(decimals)}
                  {thresholdError && ` ± ${thresholdError[key].toFixed(decimals)}`}
                  {pairs !== undefined && reachedBy?.[key] === 0 && `, above all of ${formatCount(pairs)}`}
                </span>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
