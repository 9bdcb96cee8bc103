import { useLab, useLabActions, useLabPaced } from '../LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { formatBytes } from '../shared/format.ts';
import { ErrorNotice, Notice } from '../shared/Notice.tsx';
import { ProgressBar } from '../shared/ProgressBar.tsx';

/** The images on their way, and whatever went wrong, above the curves. */
export function DataStatus() {
  const actions = useLabActions();
  const progress = useLabPaced((state) => state.dataProgress, 100);
  const problems = useLab((state) => state.problems);
  const { status, loadedBytes, totalBytes, message } = progress;
  return (
    <>
      {status === 'loading' && (
        <ProgressBar
          label="Fetching the 70,000 images"
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
      {problems.map((problem) =>
        problem.kind === 'error' ? (
          <ErrorNotice
            key={problem.message}
            message={problem.message}
            onDismiss={() => actions.dismiss(problem)}
          />
        ) : (
          <Notice
            key={problem.message}
            action={
              <Button look="quiet" onClick={() => actions.dismiss(problem)}>
                Dismiss
              </Button>
            }
          >
            {problem.message}
          </Notice>
        ),
      )}
    </>
  );
}
