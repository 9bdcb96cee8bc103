import { useLab } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { Notice } from '../shared/Notice.tsx';
import { ProblemNotices } from '../shared/ProblemNotices.tsx';
import styles from './PageNotices.module.css';
import { siteVersion, updateSite } from './siteVersion.ts';

/** Notices for the whole page: a newer version, and problems with a link or a file, the newest first. */
export function PageNotices() {
  const waiting = useStore(siteVersion, (state) => state.waiting);
  const all = useLab(({ problems }) => problems);
  const problems = all.filter(({ place }) => place === 'page');
  return (
    <>
      {waiting && (
        <div className={styles.notices}>
          <Notice action={<Button onClick={updateSite}>Load it now</Button>}>
            A newer version of Untangle is available. It loads at the next visit. Loading it now ends this
            page’s run.
          </Notice>
        </div>
      )}
      {problems.length > 0 && (
        <div className={`${styles.notices} ${styles.problems}`}>
          <ProblemNotices problems={problems.toReversed()} />
        </div>
      )}
    </>
  );
}
