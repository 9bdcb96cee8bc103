import { useId } from 'react';
import { LiveText } from './LiveText.tsx';
import styles from './ProgressBar.module.css';

interface ProgressBarProps {
  label: string;
  /** Without a total (0 or missing) the bar shows only that work is in progress. */
  value?: number;
  total?: number;
  /** Progress in units that people understand: "4.2 of 11.4 MB". */
  text?: string;
  /** Widths of a digit to reserve for label and text in training. */
  digits?: { label: number; text: number };
}

/** Not a `<progress>`: the browser lays out the page for each new value of one, and for none of a transform. */
export function ProgressBar({ label, value, total, text, digits }: ProgressBarProps) {
  const id = useId();
  const known = value !== undefined && total !== undefined && total > 0;
  const share = known ? Math.min(1, Math.max(0, value / total)) : 0;
  return (
    <div className={styles.progress}>
      <span id={id}>
        <LiveText text={label} digits={digits?.label} flows />
      </span>
      <span className={styles.text}>
        {text !== undefined && <LiveText text={text} digits={digits?.text} flows />}
      </span>
      <div
        role="progressbar"
        className={styles.track}
        aria-labelledby={id}
        aria-valuetext={text}
        {...(known && { 'aria-valuemin': 0, 'aria-valuemax': total, 'aria-valuenow': value })}
      >
        <div className={styles.done} style={{ transform: `scaleX(${share})` }} />
      </div>
    </div>
  );
}
