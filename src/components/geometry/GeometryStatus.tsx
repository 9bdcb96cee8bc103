import { useShallow } from 'zustand/react/shallow';
import { useLab, useLabHandle, usePaced } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { Checkbox } from '../shared/Checkbox.tsx';
import { formatCount, formatQuantity } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';
import styles from './GeometryPanel.module.css';

/** The current computation, the time left, and a button to cancel. */
export function GeometryStatus() {
  const { geometry } = useLabHandle();
  const isTraining = useLab(({ status }) => status === 'training');
  const { active, curves, problem } = useStore(
    geometry.store,
    useShallow(({ active, curves, problem }) => ({ active, curves, problem })),
  );
  const { left, seconds, now, percent, done } = usePaced(
    geometry.store,
    useShallow((state) => ({
      left: state.left,
      seconds: Math.ceil(state.secondsLeft),
      now: state.running
        .map(({ kind, layer, step }) => {
          const what = kind === 'errors' ? `the errors of ${layer}` : layer;
          return `${what} at step ${formatCount(step)}`;
        })
        .join(', '),
      percent: Math.round(100 * state.running.reduce((sum, { fraction }) => sum + fraction, 0)),
      done: [...state.results.values()].reduce((sum, own) => sum + own.size, 0),
    })),
  );
  const waiting = isTraining ? 'Errors over images will follow when training pauses' : 'Waiting';
  const time = seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
  const rest = `${formatQuantity(left, 'analysis', 'analyses')}, about ${time}`;
  return (
    <div className={styles.status}>
      <Checkbox className={styles.choice} checked={curves} onChange={geometry.setCurves}>
        Curves over all snapshots
      </Checkbox>
      {problem && <ErrorNotice message={problem} onRetry={geometry.resume} />}
      {active && left > 0 && (
        <>
          <ProgressBar
            label={now === '' ? waiting : `Analyzing ${now}`}
            value={done + percent / 100}
            total={done + left}
            text={`${rest} left`}
            digits={{ label: 50, text: 36 }}
          />
          <Button onClick={geometry.cancel}>Cancel</Button>
        </>
      )}
      {!active && !problem && (
        <>
          <span className={styles.rest}>
            {left > 0 ? `Not computed: ${rest}` : 'Everything is computed.'}
          </span>
          <Button onClick={geometry.resume}>Compute</Button>
        </>
      )}
      {active && left === 0 && <span className={styles.rest}>Up to date.</span>}
    </div>
  );
}
