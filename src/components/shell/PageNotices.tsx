import { useStore } from 'zustand';
import { useLab, useLabActions } from '../LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { ErrorNotice, Notice } from '../shared/Notice.tsx';
import styles from './PageNotices.module.css';
import { siteVersion, updateSite } from './siteVersion.ts';

/** What concerns the whole page: a newer version, and what was wrong with a link or a file. */
export function PageNotices() {
  const waiting = useStore(siteVersion, (state) => state.waiting);
  const all = useLab(({ problems }) => problems);
  const { dismiss } = useLabActions();
  const problems = all.filter(({ place }) => place === 'page');
  if (!waiting && problems.length === 0) return null;
  return (
    <div className={styles.notices}>
      {waiting && (
        <Notice action={<Button onClick={updateSite}>Load it now</Button>}>
          A newer version of Untangle is here. It comes with the next visit, or now; loading it ends this
          page’s run.
        </Notice>
      )}
      {problems.map((problem) =>
        problem.kind === 'error' ? (
          <ErrorNotice key={problem.message} message={problem.message} onDismiss={() => dismiss(problem)} />
        ) : (
          <Notice
            key={problem.message}
            action={
              <Button look="quiet" onClick={() => dismiss(problem)}>
                Dismiss
              </Button>
            }
          >
            {problem.message}
          </Notice>
        ),
      )}
    </div>
  );
}
