import type { ReactNode } from 'react';
import { PagePart } from './PagePart.tsx';
import styles from './Panel.module.css';

interface PanelProps {
  /** The panel's id and anchor: `#filters`. */
  id: string;
  title: string;
  /** The question that the panel answers, in one sentence. */
  question: string;
  /** How many of the page's twelve columns the panel spans on wide screens. */
  span?: 5 | 6 | 7 | 12;
  children: ReactNode;
}

/** The frame of every panel. */
export function Panel({ id, title, question, span = 12, children }: PanelProps) {
  const heading = `${id}-title`;
  return (
    <PagePart id={id} className={`${styles.panel} ${styles[`span${span}`]}`} aria-labelledby={heading}>
      <header className={styles.header}>
        <h2 id={heading} className={styles.title}>
          {title}
        </h2>
        <p className={styles.question}>{question}</p>
      </header>
      <div className={styles.body}>{children}</div>
    </PagePart>
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
