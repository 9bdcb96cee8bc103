import styles from './Plot.module.css';

/** Says that a chart is older than the network: Plotly's drawings take tens of milliseconds each, so they wait for a pause. */
export function OutdatedMark() {
  return <p className={styles.outdated}>outdated until a pause</p>;
}
