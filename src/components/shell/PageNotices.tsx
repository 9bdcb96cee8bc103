import { useStore } from 'zustand';
import { useLab } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { Notice } from '../shared/Notice.tsx';
import { ProblemNotices } from '../shared/ProblemNotices.tsx';
import styles from './PageNotices.module.css';
import { siteVersion, updateSite } from './siteVersion.ts';

/** Notices for the whole page: a newer version, and problems with a link or a file. */
export function PageNotices() {
  const waiting = useStore(siteVersion, (state) => state.waiting);
  const all = useLab(({ problems }) => problems);
  const problems = all.filter(({ place }) => place === 'page');
  if (!waiting && problems.length === 0) return null;
  return (
    <div className={styles.notices}>
      {waiting && (
        <Notice action={<Button onClick={updateSite}>Load it now</Button>}>
          A newer version of Untangle is available. It loads at the next visit. Loading it now ends this
          page’s run.
        </Notice>
      )}
      <ProblemNotices problems={problems} />
    </div>
  );
}
