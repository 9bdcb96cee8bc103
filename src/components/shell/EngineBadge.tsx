import { useLab, useLabPaced } from '../context/LabContext.tsx';
import { engineNames } from '../shared/engineNames.ts';
import { formatCount } from '../shared/format.ts';
import styles from './EngineBadge.module.css';

/** The engine of the run. Hover or focus shows the reason for the choice, and the speed. */
export function EngineBadge() {
  const engine = useLab((state) => state.engine);
  const running = useLab((state) => state.status === 'training');
  const speed = useLabPaced((state) => state.stepsPerSecond, 500);
  if (!engine) return <span className={styles.waiting}>Choosing an engine…</span>;
  const { name, device } = engineNames[engine.id];
  const rate = speed === undefined ? undefined : `${formatSpeed(speed)} steps/s`;
  return (
    <div className={styles.holder}>
      <button type="button" className={styles.badge} aria-describedby="engine-reason">
        <span className={`${styles.lamp} ${running ? styles.on : ''}`} aria-hidden="true" />
        <span className={styles.device}>{device}</span>
        <span className={styles.description}>{engine.description}</span>
      </button>
      <div id="engine-reason" role="tooltip" className={styles.reason}>
        <strong>{name}</strong>
        <span>{engine.description}</span>
        <span>{engine.reason}</span>
        {rate && <span>{rate}</span>}
      </div>
    </div>
  );
}

function formatSpeed(speed: number): string {
  return speed < 10 ? speed.toFixed(1) : formatCount(speed);
}
