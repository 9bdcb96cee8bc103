import type { LabProblem } from '../../lab/state/state.ts';
import { useLabActions } from '../context/LabContext.tsx';
import { Button } from './Button.tsx';
import { ErrorNotice, Notice } from './Notice.tsx';

/** Errors and notices, each with a button to dismiss it. */
export function ProblemNotices({ problems }: { problems: readonly LabProblem[] }) {
  const { dismiss, train, reset } = useLabActions();
  return problems.map((problem) =>
    problem.kind === 'error' ? (
      <ErrorNotice key={problem.message} message={problem.message} onDismiss={() => dismiss(problem)} />
    ) : (
      <Notice
        key={problem.message}
        action={
          <>
            {problem.offer === 'resume' && (
              <>
                <Button onClick={() => void train()}>Go on</Button>
                <Button onClick={() => void reset()}>Start over</Button>
              </>
            )}
            <Button variant="quiet" onClick={() => dismiss(problem)}>
              Dismiss
            </Button>
          </>
        }
      >
        {problem.message}
      </Notice>
    ),
  );
}
