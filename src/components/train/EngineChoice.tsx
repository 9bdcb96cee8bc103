import { useId } from 'react';
import type { Settings } from '../../lab/state/settings.ts';
import type { LabState } from '../../lab/state/state.ts';
import { useLab, useLabActions } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { engineNames } from '../shared/engineNames.ts';
import styles from './EngineChoice.module.css';

type EngineInfo = LabState['engines'][number];

/** All engines, with the reason if one cannot run here. A choice acts at once. */
export function EngineChoice() {
  const actions = useLabActions();
  const engines = useLab((state) => state.engines);
  const chosen = useLab((state) => state.settings.engine);
  const active = useLab((state) => state.engine);
  const measurable = useLab((state) => state.status === 'idle' || state.status === 'paused');
  const name = useId();
  const choose = (engine: Settings['engine']) => actions.set({ engine });
  const activeName = active && engineNames[active.id].name;

  return (
    <details className={styles.engine}>
      <summary>
        <span className={styles.title}>Engine</span>
        <span className={styles.present}>
          {chosen === 'auto' ? `automatic${activeName ? `: ${activeName}` : ''}` : engineNames[chosen].name}
        </span>
      </summary>
      <fieldset className={styles.list}>
        <legend className="visually-hidden">Engine</legend>
        <label className={styles.option}>
          <input type="radio" name={name} checked={chosen === 'auto'} onChange={() => choose('auto')} />
          <span>
            <strong>Automatic</strong>
            <span className={styles.remark}>
              {chosen === 'auto' && active ? active.reason : 'The fastest engine on this machine.'}
            </span>
          </span>
        </label>
        {engines.map((engine) => (
          <label key={engine.id} className={styles.option}>
            <input
              type="radio"
              name={name}
              checked={chosen === engine.id}
              disabled={!engine.available}
              onChange={() => choose(engine.id)}
            />
            <EngineFacts engine={engine} />
          </label>
        ))}
      </fieldset>
      <Button disabled={!measurable} onClick={() => void actions.measureEngines()}>
        Measure again
      </Button>
    </details>
  );
}

/** An engine's name, its adapter and speed here, and why it cannot run or is slow. */
function EngineFacts({ engine }: { engine: EngineInfo }) {
  const { id, available, adapter, software, reason } = engine;
  const milliseconds = useLab((state) => state.timings.milliseconds[id]);
  const speed = milliseconds !== undefined && `${milliseconds.toPrecision(2)} ms a step, measured here`;
  return (
    <span>
      <strong>{engineNames[id].name}</strong> <code>{id}</code>
      <span className={styles.remark}>{[adapter, speed].filter(Boolean).join(', ')}</span>
      {reason && <span className={styles.remark}>{reason}</span>}
      {available && software && (
        <span className={styles.warning}>A GPU emulated in software, far slower than the CPU.</span>
      )}
    </span>
  );
}
