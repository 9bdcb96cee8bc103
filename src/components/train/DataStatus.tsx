import { useLab, useLabActions, useLabPaced } from '../context/LabContext.tsx';
import { formatBytes } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { ProblemNotices } from '../shared/ProblemNotices.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';

/** Progress of fetching the images, and any error, above the curves. */
export function DataStatus() {
  const actions = useLabActions();
  const progress = useLabPaced((state) => state.dataProgress, 100);
  const problems = useLab((state) => state.problems);
  const { status, loadedBytes, totalBytes, name = 'MNIST', message } = progress;
  return (
    <>
      {status === 'loading' && (
        <ProgressBar
          label={`Fetching the 70,000 images of ${name}`}
          value={loadedBytes}
          total={totalBytes}
          text={
            totalBytes > 0
              ? `${formatBytes(loadedBytes)} of ${formatBytes(totalBytes)}`
              : formatBytes(loadedBytes)
          }
        />
      )}
      {status === 'failed' && (
        <ErrorNotice
          message={message ?? 'The images could not be fetched.'}
          onRetry={() => void actions.retryData()}
        />
      )}
      <ProblemNotices problems={problems.filter(({ place }) => place !== 'page')} />
    </>
  );
}
