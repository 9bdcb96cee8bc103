import { useEffect } from 'react';
import { MOST_BYTES, MOST_RUNS } from '../../lab/keep/room.ts';
import { type KeptRunInfo, keptRunInfo } from '../../lab/keep/runInfo.ts';
import { useLab, useLabCore } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { Dialog } from '../shared/Dialog.tsx';
import { formatBytes, formatQuantity, formatShare } from '../shared/format.ts';
import { ErrorNotice, Notice } from '../shared/Notice.tsx';
import { Row, RowList } from '../shared/RowList.tsx';
import { type Attempt, useAttempt } from '../shared/useAttempt.ts';
import styles from './RunsDialog.module.css';

const dates = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** The runs saved in this browser, with controls to name, pin, compare, open and delete them. */
export default function RunsDialog({ onClose }: { onClose: () => void }) {
  const { keep } = useLabCore();
  const { runs, present, deleted, problem } = useStore(keep.store);
  const { isBusy, problem: failure, attempt, dismiss } = useAttempt();
  useEffect(() => void attempt(keep.refresh), [attempt, keep]);

  return (
    <Dialog title="Runs" onClose={onClose}>
      <p className={styles.about}>
        Every run is saved in this browser as it trains and reopens after a reload. The newest {MOST_RUNS} are
        kept, up to {MOST_BYTES / 1e6} MB, and so is every pinned run. A compared run appears beside the
        present run in Train, Filters, Geometry and Metamers.
      </p>
      {problem && <Notice>{problem}</Notice>}
      {failure && <ErrorNotice message={failure} onDismiss={dismiss} />}
      {deleted && (
        <Notice action={<Button onClick={() => void attempt(keep.undoRemove)}>Undo</Button>}>
          “{deleted.name}” is deleted.
        </Notice>
      )}
      {runs.length === 0 && !problem && <p className={styles.about}>No runs yet. Press Train.</p>}
      <RowList>
        {runs.map(keptRunInfo).map((run) => (
          <Row key={run.id} label={run.name} className={styles.run}>
            <div className={styles.what}>
              <NameField run={run} onRename={(name) => void attempt(() => keep.rename(run.id, name))} />
              <p>{summaryOf(run)}</p>
            </div>
            <div className={styles.actions}>
              {run.id === present ? (
                <span className={styles.present}>on the page</span>
              ) : (
                <RunActions run={run} isBusy={isBusy} attempt={attempt} onClose={onClose} />
              )}
              <Button
                variant="quiet"
                aria-pressed={run.pinned}
                onClick={() => void attempt(() => keep.pin(run.id, !run.pinned))}
              >
                {run.pinned ? 'Pinned' : 'Pin'}
              </Button>
            </div>
          </Row>
        ))}
      </RowList>
    </Dialog>
  );
}

interface RunActionsProps {
  run: KeptRunInfo;
  isBusy: boolean;
  attempt: Attempt;
  onClose: () => void;
}

/** The actions on a run that is not the page's. */
function RunActions({ run, isBusy, attempt, onClose }: RunActionsProps) {
  const { keep, openKept, comparison } = useLabCore();
  const isCompared = useStore(comparison.store, (state) => state.compared?.id === run.id);
  const ready = useLab(({ status }) => status !== 'starting');
  const open = async () => {
    await openKept(run.id);
    onClose();
  };
  return (
    <>
      <Button disabled={isBusy || !ready} onClick={() => void attempt(open)}>
        Open
      </Button>
      <Button
        variant="quiet"
        aria-pressed={isCompared}
        title="Show it beside the present run in Train, Filters, Geometry and Metamers"
        onClick={() => void attempt(() => comparison.choose(isCompared ? undefined : run.id))}
      >
        {isCompared ? 'Compared' : 'Compare'}
      </Button>
      <Button variant="quiet" disabled={isBusy} onClick={() => void attempt(() => keep.remove(run.id))}>
        Delete
      </Button>
    </>
  );
}

/** The name takes effect on Enter or when the field loses focus. */
function NameField({ run, onRename }: { run: KeptRunInfo; onRename: (name: string) => void }) {
  return (
    <input
      key={run.name}
      className={styles.name}
      aria-label={`Name of ${run.name}`}
      defaultValue={run.name}
      maxLength={80}
      onBlur={({ target }) => {
        const name = target.value.trim();
        if (name === '') target.value = run.name;
        else if (name !== run.name) onRename(name);
      }}
      onKeyDown={({ key, currentTarget }) => {
        if (key === 'Enter') currentTarget.blur();
      }}
    />
  );
}

function summaryOf({ changed, step, bestTestAccuracy, bytes }: KeptRunInfo): string {
  return [
    dates.format(new Date(changed)),
    formatQuantity(step, 'step'),
    ...(bestTestAccuracy === undefined ? [] : [`best ${formatShare(bestTestAccuracy)}`]),
    formatBytes(bytes),
  ].join(' · ');
}
