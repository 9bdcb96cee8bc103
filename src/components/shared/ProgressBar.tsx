import { useId } from 'react';
import styles from './ProgressBar.module.css';

interface ProgressBarProps {
  label: string;
  /** Without a total (0 or missing) the bar shows only that work is in progress. */
  value?: number;
  total?: number;
  /** Progress in units that people understand: "4.2 of 11.4 MB". */
  text?: string;
}

export function ProgressBar({ label, value, total, text }: ProgressBarProps) {
  const id = useId();
  const known = value !== undefined && total !== undefined && total > 0;
  return (
    <div className={styles.progress}>
      <label htmlFor={id}>{label}</label>
      <span className={styles.text}>{text}</span>
      <progress id={id} {...(known ? { value, max: total } : {})} aria-valuetext={text} />
    </div>
  );
}
