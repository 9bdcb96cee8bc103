import type { ReactNode } from 'react';
import styles from './Panel.module.css';

interface PanelProps {
  /** Also the anchor: `#filters`. */
  id: string;
  title: string;
  /** The question that the panel answers, in one sentence. */
  question: string;
  /** Columns of the page's twelve, where there is room. */
  span?: 5 | 6 | 7 | 12;
  children: ReactNode;
}

/** The frame that every panel stands in. */
export function Panel({ id, title, question, span = 12, children }: PanelProps) {
  const heading = `${id}-title`;
  return (
    <section id={id} className={`${styles.panel} ${styles[`span${span}`]}`} aria-labelledby={heading}>
      <header className={styles.header}>
        <h2 id={heading} className={styles.title}>
          {title}
        </h2>
        <p className={styles.question}>{question}</p>
      </header>
      <div className={styles.body}>{children}</div>
    </section>
  );
}

/** A row of controls inside a panel's body. */
export function PanelControls({ children, label }: { children: ReactNode; label: string }) {
  return (
    <fieldset className={styles.controls}>
      <legend className="visually-hidden">{label}</legend>
      {children}
    </fieldset>
  );
}
