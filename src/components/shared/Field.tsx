import type { ReactNode } from 'react';
import { sentence } from '../../lab/state/errorText.ts';
import styles from './Field.module.css';

interface FieldProps {
  /** The control's id. */
  id: string;
  label: ReactNode;
  /** A short remark beside the label, such as "after a reset". */
  remark?: string;
  hint?: ReactNode;
  error?: string;
  children: ReactNode;
}

/** Ids that the control names in `aria-describedby`. */
export function describedBy(id: string, { hint, error }: { hint?: ReactNode; error?: string }) {
  return [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
}

/** A label, its control, a hint, and an error below the control. */
export function Field({ id, label, remark, hint, error, children }: FieldProps) {
  return (
    <div className={styles.field}>
      <div className={styles.heading}>
        <label htmlFor={id}>{label}</label>
        {remark && <span className={styles.remark}>{remark}</span>}
      </div>
      {children}
      <p id={`${id}-error`} className={styles.error} role="alert" hidden={!error}>
        {error && sentence(error)}
      </p>
      {hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}
