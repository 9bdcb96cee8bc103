import type { ReactNode } from 'react';
import styles from './FiltersPanel.module.css';

/** Weights below the title of their side of a comparison; alone, they need none. */
export function TitledSide({ title, children }: { title?: string; children: ReactNode }) {
  if (!title) return children;
  return (
    <figure className={styles.side}>
      <figcaption>{title}</figcaption>
      {children}
    </figure>
  );
}
