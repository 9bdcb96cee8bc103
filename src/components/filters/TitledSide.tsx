import type { ReactNode } from 'react';
import styles from './FiltersPanel.module.css';

/** Weights below the title of their side of a comparison. Weights that are not compared have no title. */
export function TitledSide({ title, children }: { title?: string; children: ReactNode }) {
  if (!title) return children;
  return (
    <figure className={styles.side}>
      <figcaption>{title}</figcaption>
      {children}
    </figure>
  );
}
