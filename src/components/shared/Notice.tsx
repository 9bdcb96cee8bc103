import type { ReactNode } from 'react';
import { sentence } from '../../lab/state/errorText.ts';
import { Button } from './Button.tsx';
import { Icon } from './Icon.tsx';
import styles from './Notice.module.css';

interface ErrorNoticeProps {
  /** What happened and what to do, in plain words. */
  message: string;
  onRetry?: () => void;
  retryLabel?: string;
  onDismiss?: () => void;
}

/** An error message beside the control or panel that caused it. */
export function ErrorNotice({ message, onRetry, retryLabel = 'Retry', onDismiss }: ErrorNoticeProps) {
  return (
    <div className={styles.error} role="alert">
      <Icon name="warning" />
      <p className={styles.message}>{sentence(message)}</p>
      {onRetry && <Button onClick={onRetry}>{retryLabel}</Button>}
      {onDismiss && (
        <Button variant="quiet" icon aria-label="Dismiss this message" onClick={onDismiss}>
          <Icon name="close" />
        </Button>
      )}
    </div>
  );
}

/** Information; not an error. */
export function Notice({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.notice} role="status">
      <p className={styles.message}>{children}</p>
      {action}
    </div>
  );
}

/** Text for an empty panel: what will appear and how to get it. */
export function EmptyState({ children, height }: { children: ReactNode; height?: number }) {
  return (
    <div className={styles.empty} style={{ minHeight: height }}>
      <p>{children}</p>
    </div>
  );
}
